"""The versions of text to speech side by side: word errors, quality, processor time, memory.

    python -m benchmarks.speech [--versions 1 2 3] [--langs en-US fr-FR] [--sentences 60] [--folder sounds]
                                [--quality PYTHON] [--misheard]

Each version speaks the same sentences, as the gateway calls it, without HTTP; a recogniser hears them. --quality: the
python of an environment where distillmos is installed. Word errors below half a per cent apart are chance: a language
has some 500 words. `benchmarks/speech_load.py` has latency and throughput.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from audio import wav
from audio.services import text_to_speech, text_to_speech_2, text_to_speech_3
from audio.speech.engine import LANGUAGES
from audio.speech.speaker import Request, Speaker
from benchmarks.speech_measures import cost
from benchmarks.speech_measures.recogniser import INSTALL, Recogniser

SPEAKERS = {1: text_to_speech.SPEAKER, 2: text_to_speech_2.SPEAKER, 3: text_to_speech_3.SPEAKER}
SENTENCES = Path(__file__).parent / "speech_measures" / "sentences"
INSTALL_QUALITY = "python -m venv mos && mos/bin/pip install distillmos soundfile soxr, and --quality mos/bin/python"


@dataclass
class Figures:
    """Of one version and language. cpu: seconds a sentence; misheard: what was said, and what was heard."""

    files: list[str] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    seconds: float = 0.0
    errors: int = 0
    words: int = 0
    phoneme_errors: int = 0
    phonemes: int = 0
    misheard: list[tuple[str, str]] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--versions", type=int, nargs="+", choices=SPEAKERS, default=list(SPEAKERS))
    parser.add_argument("--langs", nargs="+", choices=LANGUAGES, default=LANGUAGES)
    parser.add_argument("--sentences", type=int, default=60)
    parser.add_argument("--folder", type=Path, help="where the sounds are kept; nowhere where it is not given")
    parser.add_argument("--quality", metavar="PYTHON")
    parser.add_argument("--misheard", action="store_true", help="print what was misheard")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        compare(args, folder)


def compare(args: argparse.Namespace, folder: Path) -> None:
    try:
        recogniser = Recogniser()
    except ModuleNotFoundError as exc:
        sys.exit(f"{exc.name} is missing: {INSTALL}")
    rows: dict[tuple[str, int], Figures] = {}
    print(
        "language  version  word errors  of words  phoneme errors   CPU ms a sentence   of its length   memory MB",
        flush=True,
    )
    for lang in args.langs:
        for version in args.versions:
            speaker = SPEAKERS[version]
            rows[lang, version] = found = speak(speaker, version, lang, args.sentences, folder)
            used = cost.memory(pids(speaker))
            hear(recogniser, found, lang, args.sentences, folder)
            cpu = statistics.mean(found.cpu)
            print(
                f"{lang}  {version:7d}  {100 * found.errors / found.words:9.1f} %  {found.words:8d}  "
                f"{100 * found.phoneme_errors / found.phonemes:12.1f} %   "
                f"{1000 * cpu:17.0f}   {cpu * len(found.cpu) / found.seconds:13.3f}   {used:9.0f}",
                flush=True,
            )
            for said, heard in found.misheard if args.misheard else ():
                print(f"    {said}\n  > {heard}", flush=True)
    judge(args.quality, rows, folder)


def speak(speaker: Speaker, version: int, lang: str, count: int, folder: Path) -> Figures:
    found = Figures()
    speaker.speak(Request("Radio.", lang))
    for number, text in enumerate(sentences(lang, count)):
        before = cost.cpu_seconds(pids(speaker))
        spoken = speaker.speak(Request(text, lang))
        found.cpu.append(cost.cpu_seconds(pids(speaker)) - before)
        found.seconds += spoken.duration
        found.files.append(f"{version}-{lang}-{number:02d}.wav")
        (folder / found.files[-1]).write_bytes(wav.unpack(spoken.packed))
    return found


def hear(recogniser: Recogniser, found: Figures, lang: str, count: int, folder: Path) -> None:
    for text, file in zip(sentences(lang, count), found.files, strict=True):
        heard = recogniser.hear(wav.decode((folder / file).read_bytes()), lang)
        errors, words = recogniser.errors(text, heard, lang)
        found.errors += errors
        found.words += words
        wrong, phonemes = recogniser.phoneme_errors(text, heard, lang)
        found.phoneme_errors += wrong
        found.phonemes += phonemes
        if errors:
            found.misheard.append((text, heard))


def judge(python: str | None, rows: dict[tuple[str, int], Figures], folder: Path) -> None:
    if python is None:
        print(f"\nQuality was not judged: {INSTALL_QUALITY}.")
        return
    script = str(SENTENCES.parent / "quality.py")
    done = subprocess.run([python, script, str(folder)], stdout=subprocess.PIPE, text=True, check=True)
    scores = json.loads(done.stdout)
    print("\nlanguage  version  DistillMOS, 1 to 5")
    for (lang, version), found in rows.items():
        print(f"{lang}  {version:7d}  {statistics.mean(scores[file] for file in found.files):10.2f}")


def sentences(lang: str, count: int) -> list[str]:
    return (SENTENCES / f"{lang}.txt").read_text().splitlines()[:count]


def pids(speaker: Speaker) -> list[int]:
    """The processes that speak for it."""
    pools = [speaker.pool, getattr(speaker.pool, "others", None)]
    return [pool.pid for pool in pools if pool is not None and pool.pid is not None]


if __name__ == "__main__":
    main()
