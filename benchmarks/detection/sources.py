"""Public recordings to fit and measure the detectors with: sounds in Debian packages, by what they hold.

Each package's licence permits use and change (GPL-2+, CC-BY-SA-3.0, CC0); its copyright file says whose they are.
Needs apt-get, dpkg-deb, unzip and ffmpeg. Speech is one entry a speaker, or one a small group of speakers.
"""

from __future__ import annotations

import subprocess
from functools import lru_cache
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

Audio = NDArray[np.float32]
RATE = 16_000
# Of a long recording, the first minute is enough, in seconds.
LONGEST = 60

_ASTERISK = "asterisk-core-sounds-{0}-g722/**/*.g722"
_FISH = "fillets-ng-data-{0}/**/*-{1}-*.ogg"
_KLETTRES = "klettres-data/**/klettres/{0}/*/*.ogg"
_VOICES = "hedgewars-data/**/voices/{0}/*.ogg"
_CITY = "lincity-ng-data/**/sounds/{0}.wav"
_UFO = "ufoai-sound/**/sound/{0}.ogg"

KLETTRES = tuple("ar cs da de en en_GB es fr he hu it lt ml nb nds nl pt_BR ru tn uk".split())  # noqa: SIM905
VOICES = (
    "British",
    "Classic",
    "Default",
    "Default_es",
    "Default_pl",
    "Default_ru",
    "Default_uk",
    "HillBilly",
    "Mobster",
    "Pirate",
    "Russian",
    "Surfer",
)

SPEECH: dict[str, list[str]] = {
    "asterisk_en": [_ASTERISK.format("en")],
    "asterisk_es": [_ASTERISK.format("es")],
    "asterisk_fr": [_ASTERISK.format("fr")],
    "fish_nl_small": [_FISH.format("nl", "m")],
    "fish_nl_big": [_FISH.format("nl", "v")],
    "stamps_fr": ["tuxpaint-stamps-default/**/*_desc_fr.ogg"],
    "stamps_ro": ["tuxpaint-stamps-default/**/*_desc_ro.ogg"],
    "potato_en_de": [f"ktuberling-data/**/sounds/{lang}/*.*" for lang in ("en", "de")],
    **{f"letters_{lang}": [_KLETTRES.format(lang)] for lang in KLETTRES},
    **{f"hedgehog_{name}": [_VOICES.format(name)] for name in VOICES},
}
NOISE: dict[str, list[str]] = {
    "traffic": [_CITY.format(n) for n in ("TraficHigh*", "TraficLow[12]", "DirtTrack[13]")],
    "industry": [_CITY.format(n) for n in ("IndustryHigh*", "CoalMine*", "PowerCoal*", "OreMine[12]")],
    "train": [_CITY.format("RailTrain*")],
    "water": [_CITY.format("Water*"), "minetest-data/**/env_sounds_water*.ogg", _UFO.format("**/waterfontain")],
    "fire": [_UFO.format("ambience/fire"), _UFO.format("ambience/fire2"), _CITY.format("Fire[12]")],
    "diesel": [_UFO.format("ugv/diesel-move"), _UFO.format("ugv/diesel-idle")],
    "wind": [_UFO.format("**/arcticwind"), _CITY.format("WindMill[123]")],
    "pump": [_UFO.format("**/minepump03")],
    "hammering": [_CITY.format(n) for n in ("Blacksmith*", "Build1", "MonumentConstruction[12]")],
    "game": ["hedgewars-data/**/Data/Sounds/*.ogg"],
    "penguins": ["supertux-data/**/sounds/**/*.wav", "supertux-data/**/sounds/**/*.ogg"],
    "hums": [
        f"sonic-pi-samples/**/samples/{n}.flac"
        for n in ("ambi_[dghls]*", "vinyl_*", "loop_3d_printer", "loop_industrial")
    ],
}
MUSIC: dict[str, list[str]] = {
    "opsound_a": ["asterisk-moh-opsound-g722/**/macroform-cold_day.g722"],
    "opsound_b": ["asterisk-moh-opsound-g722/**/manolo*.g722"],
    "opsound_c": ["asterisk-moh-opsound-g722/**/reno*.g722"],
    "colobot_a": ["colobot-common-sounds/**/music/music00[2-5].ogg"],
    "colobot_b": ["colobot-common-sounds/**/music/music00[6-8].ogg"],
    "hedgewars": ["hedgewars-data/**/Data/Music/*.ogg"],
    "supertux": ["supertux-data/**/music/*/*.ogg"],
    "loops": ["sonic-pi-samples/**/samples/loop_[abcdegms]*.flac", "sonic-pi-samples/**/samples/ambi_[cp]*.flac"],
}
# Speakers, noises and music that no model is fitted on: the rows "unseen" of the benchmark.
UNSEEN_SPEECH: dict[str, list[str]] = {
    "asterisk_it": [_ASTERISK.format("it")],
    "asterisk_ru": [_ASTERISK.format("ru")],
    "fish_cs_small": [_FISH.format("cs", "m")],
    "fish_cs_big": [_FISH.format("cs", "v")],
}
UNSEEN_NOISE: dict[str, list[str]] = {
    "furnace": ["minetest-data/**/default_furnace_active.ogg", "minetest-data/**/fire_large.ogg"],
    "steps": ["minetest-data/**/*_footstep*.ogg", "minetest-data/**/*dig*.ogg"],
    "doors": ["minetest-data/**/doors_*.ogg", "minetest-data/**/carts_*.ogg"],
    "hover": [_UFO.format("ugv/hover-*")],
}
UNSEEN_MUSIC: dict[str, list[str]] = {
    "bubble": ["frozen-bubble-data/**/snd/*.ogg"],
    "robot_dity": ["asterisk-moh-opsound-g722/**/macroform-robot_dity.g722"],
}
PACKAGES = sorted(
    {
        pattern.split("/")[0]
        for group in (SPEECH, NOISE, MUSIC, UNSEEN_SPEECH, UNSEEN_NOISE, UNSEEN_MUSIC)
        for patterns in group.values()
        for pattern in patterns
    }
)


def fetch(root: Path) -> None:
    """Downloads and unpacks what is not yet there, into one folder a package."""
    root.mkdir(parents=True, exist_ok=True)
    for package in PACKAGES:
        folder = root / package
        if folder.is_dir():
            continue
        subprocess.run(["apt-get", "download", "-qq", package], cwd=root, check=True)
        archive = next(root.glob(f"{package}_*.deb"))
        subprocess.run(["dpkg-deb", "-x", archive.name, package], cwd=root, check=True)
        archive.unlink()
        for pack in folder.glob("**/*.pk3"):
            subprocess.run(["unzip", "-qo", pack, "-d", folder / "unpacked"], check=True)


def find(root: Path, patterns: list[str]) -> list[Path]:
    """The files that match, in order; each once."""
    return sorted({path for pattern in patterns for path in root.glob(pattern) if path.is_file()})


@lru_cache(maxsize=20_000)
def read(path: Path) -> Audio:
    """A recording at 16 kHz, mono, float32. Damaged: nothing."""
    if path.suffix != ".g722":
        try:
            with soundfile.SoundFile(path) as file:
                rate = file.samplerate
                samples = file.read(LONGEST * rate, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError:
            return np.zeros(0, np.float32)
        mono = samples.mean(axis=1)
        return np.asarray(soxr.resample(mono, rate, RATE) if rate != RATE else mono, np.float32)
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-f",
        "g722",
        "-i",
        str(path),
        "-t",
        str(LONGEST),
        "-ac",
        "1",
        "-ar",
        str(RATE),
        "-f",
        "f32le",
        "-",
    ]
    return np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, "<f4")
