"""Public recordings to fit and measure the detectors with: sounds in Debian packages, by what they hold.

Each package is in Debian's main section: its licences permit use and change (GPL, LGPL, MIT, CC-BY, CC-BY-SA, CC0, Free
Art, public domain and others); its copyright file says whose the recordings are.
Needs apt-get, dpkg-deb, and `pip install av`. Speech is one entry a speaker, or one a small group of speakers.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

Audio = NDArray[np.float32]
RATE = 16_000
# Of a long recording, the first minute is enough, in seconds.
LONGEST = 60
TELEPHONY = (".g722", ".gsm")

_ASTERISK = "asterisk-core-sounds-{0}-g722/**/*.g722"
_FISH = "fillets-ng-data-{0}/**/*-{1}-*.ogg"
_KLETTRES = "klettres-data/**/klettres/{0}/*/*.ogg"
_VOICES = "hedgewars-data/**/voices/{0}/*.ogg"
_STAMPS = "tuxpaint-stamps-default/**/*_desc_{0}.ogg"
_POTATO = "ktuberling-data/**/sounds/{0}/*.*"
_CITY = "lincity-ng-data/**/sounds/{0}.wav"
_UFO = "ufoai-sound/**/sound/{0}.ogg"
_ROME = "0ad-data/unpacked/audio/{0}.ogg"
_KART = "supertuxkart-data/**/sfx/{0}.ogg"
_LOOPS = "sonic-pi-samples/**/samples/{0}.flac"

KLETTRES = tuple("ar cs da de en en_GB es fr he hu it lt ml nb nds nl pt_BR ru tn uk".split())  # noqa: SIM905
VOICES = ("British", "Classic", "Default*", "HillBilly", "Mobster", "Pirate", "Russian", "Surfer")

SPEECH: dict[str, list[str]] = {
    **{f"asterisk_{lang}": [_ASTERISK.format(lang)] for lang in ("en", "es", "fr")},
    "asterisk_it_menardi": ["asterisk-prompt-it-menardi-wav/**/*.wav"],
    "asterisk_es_co": ["asterisk-prompt-es-co/**/*.gsm"],
    "fish_nl_small": [_FISH.format("nl", "m")],
    "fish_nl_big": [_FISH.format("nl", "v")],
    **{f"stamps_{lang}": [_STAMPS.format(lang)] for lang in ("be", "ca", "da", "el", "es", "fr", "nl", "ro", "ru")},
    **{f"potato_{lang}": [_POTATO.format(lang)] for lang in ("ca", "da", "el", "fr", "gl", "lt", "ru", "sl", "wa")},
    "potato_en_de": [_POTATO.format(lang) for lang in ("en", "de")],
    "potato_others": [_POTATO.format(lang) for lang in ("es", "fi", "ga", "it", "nds", "nl", "pt", "ro", "sr", "sv")],
    "horizons": ["unknown-horizons/**/audio/voice/*/**/*.ogg"],
    **{f"letters_{lang}": [_KLETTRES.format(lang)] for lang in KLETTRES},
    **{f"hedgehog_{name}": [_VOICES.format(name)] for name in VOICES},
    **{
        f"rome_{lang}_{who}": [_ROME.format(f"voice/{lang}/civ/civ_{who}*")]
        for lang in ("latin", "napatan", "persian")
        for who in ("female", "male")
    },
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
    "hums": [_LOOPS.format(n) for n in ("ambi_[dghls]*", "vinyl_*", "loop_3d_printer", "loop_industrial")],
    "animals_engines": ["tuxpaint-stamps-default/**/stamps/**/*.ogg", "!*_desc*"],
    "snow": ["extremetuxracer-data/**/sounds/*_*.wav"],
    "arcade": [
        "tecnoballz-data/**/*.wav",
        "etw-data/**/*.wav",
        "open-invaders-data/**/*.wav",
        "kobodeluxe-data/**/*.wav",
    ],
    "magic": ["ardentryst/**/Sounds/NYX/*.*", "ardentryst/**/Sounds/PYR/*.*"],
    "keys_bells": [
        f"{package}/**/sounds/{name}.wav"
        for package, name in (
            ("tuxtype-data", "[abhlprstw]*"),
            ("tuxmath-data", "[abhlprstw]*"),
            ("pingus-data", "[cpst]*"),
        )
    ],
    "building": ["opencity-data/**/sound/*.wav", "lbreakout2-data/**/*.wav"],
    "island": ["unknown-horizons/**/audio/sounds/**/*.ogg"],
    "shots": ["marsshooter-data/**/audio/toon/*.*"],
    "weather": [_ROME.format("ambient/weather/*")],
    "day": [_ROME.format("ambient/dayscape/*")],
    "streams": [_ROME.format("ambient/water/*")],
    "farm": [_ROME.format(n) for n in ("ambient/building/amb_farm*", "actor/fauna/animal/*")],
    "port": [_ROME.format("ambient/building/amb_port*")],
    "gathering": [_ROME.format("resource/*/*")],
    "walking": [_ROME.format(n) for n in ("actor/singlesteps/*", "actor/human/movement/**/*", "actor/mounted/*/*")],
    "battle": [_ROME.format(n) for n in ("attack/weapon/*", "attack/impact/*", "attack/siege/*")],
    "kart_outdoors": [
        _KART.format(n) for n in ("rain", "thunder", "river*", "waterfall*", "exotic-birds*", "cow", "sheep")
    ],
    "kart_engines": [
        _KART.format(n) for n in ("engine*", "car_*", "skid", "horn", "steam*", "airplane*", "machine*", "static-radio")
    ],
    "drums": ["hydrogen-drumkits/**/*.flac", "hydrogen-drumkits/**/*.wav"],
    "motors": ["torcs-data/**/*.wav", "crrcsim-data/**/*.wav"],
    "billiards": ["foobillardplus-data/**/*.wav", "foobillardplus-data/**/*.ogg", "enigma-data/**/*.wav"],
}
MUSIC: dict[str, list[str]] = {
    "opsound_a": ["asterisk-moh-opsound-g722/**/macroform-cold_day.g722"],
    "opsound_b": ["asterisk-moh-opsound-g722/**/manolo*.g722"],
    "opsound_c": ["asterisk-moh-opsound-g722/**/reno*.g722"],
    "colobot_a": ["colobot-common-sounds/**/music/music00[2-5].ogg"],
    "colobot_b": ["colobot-common-sounds/**/music/music00[6-8].ogg"],
    "hedgewars": ["hedgewars-data/**/Data/Music/*.ogg"],
    "supertux": ["supertux-data/**/music/*/*.ogg"],
    "loops": [_LOOPS.format(n) for n in ("loop_[abcdegms]*", "ambi_[cp]*")],
    "hits": [_LOOPS.format(n) for n in ("elec_*", "guit_*", "perc_bell*", "bass_*", "glitch_*", "tabla_*")],
    "wesnoth": ["wesnoth-1.16-music/**/music/*.ogg"],
    "asc": ["asc-music/**/*.ogg", "asc-music/**/*.mp3"],
    "racer": ["extremetuxracer-data/**/music/*.ogg"],
    "moto": ["xmoto-data/**/Musics/*.ogg"],
    "typing": ["tuxtype-data/**/sounds/*.ogg", "tuxmath-data/**/sounds/*.ogg"],
    "ardentryst": ["ardentryst/**/Music/*.ogg"],
    "hex": ["hex-a-hop-data/**/music*.ogg", "holotz-castle-data/**/*.ogg", "opencity-data/**/*.ogg"],
    "mars": ["marsshooter-data/**/audio/music/*.ogg"],
    "horizons": ["unknown-horizons/**/audio/music/**/*.ogg"],
    "kart": ["supertuxkart-data/**/music/*.ogg"],
    "arcade": ["etw-data/**/*.ogg", "open-invaders-data/**/*.ogg", "chromium-bsu-data/**/*.wav", "triplane/**/*.ogg"],
}
# Speakers, noises and music that no model of voices is fitted on: the benchmark of voices is of these.
UNSEEN_SPEECH: dict[str, list[str]] = {
    "asterisk_it": [_ASTERISK.format("it")],
    "asterisk_ru": [_ASTERISK.format("ru")],
    "fish_cs_small": [_FISH.format("cs", "m")],
    "fish_cs_big": [_FISH.format("cs", "v")],
    "stamps_bg": [_STAMPS.format("bg")],
    "potato_uk": [_POTATO.format("uk")],
}
UNSEEN_NOISE: dict[str, list[str]] = {
    "furnace": ["minetest-data/**/default_furnace_active.ogg", "minetest-data/**/fire_large.ogg"],
    "steps": ["minetest-data/**/*_footstep*.ogg", "minetest-data/**/*dig*.ogg"],
    "doors": ["minetest-data/**/doors_*.ogg", "minetest-data/**/carts_*.ogg"],
    "hover": [_UFO.format("ugv/hover-*")],
    "keyboard": ["bucklespring-data/**/*.wav"],
    "outdoors": [
        f"scorched3d-data/**/wav/misc/{name}.wav"
        for name in ("rain", "thunder*", "oceanwaves", "lava*", "jet", "f1*", "bird*")
    ],
}
UNSEEN_MUSIC: dict[str, list[str]] = {
    "bubble": ["frozen-bubble-data/**/snd/*.ogg"],
    "robot_dity": ["asterisk-moh-opsound-g722/**/macroform-robot_dity.g722"],
    "singularity": ["singularity-music/**/*.ogg"],
    "pearls": ["zaz-data/**/mus*.ogg"],
    "cade": ["mu-cade-data/**/musics/*.ogg"],
}
# Sounds and backgrounds of any kind, that the sound detector is fitted on; words and some music are among them. The
# benchmark of sounds is of other packages: supertux-data, pingus-data, minetest-data, scorched3d-data.
SOUNDS: list[str] = [
    f"{package}/**/{name}"
    for package, names in {
        "0ad-data": "audio/a*/**/*.ogg audio/r*/**/*.ogg audio/i*/**/*.ogg",
        "ardentryst": "Sounds/**/*.ogg Sounds/**/*.wav",
        "boswars-data": "*.wav",
        "bzflag-data": "*.wav",
        "chromium-bsu-data": "wav/*.wav",
        "colobot-common-sounds": "sounds/*.wav",
        "crrcsim-data": "*.wav",
        "enigma-data": "*.wav",
        "etw-data": "snd/*.wav arcadesnd/*.wav crowd/*.wav",
        "extremetuxracer-data": "*.wav",
        "foobillardplus-data": "*.wav *.ogg",
        "freedroidrpg-data": "sound/effects/**/*.ogg",
        "frozen-bubble-data": "snd/*.ogg",
        "glob2-data": "*.ogg",
        "hex-a-hop-data": "*.ogg",
        "holotz-castle-data": "sound/*.wav",
        "hydrogen-drumkits": "*.flac *.wav",
        "klettres-data": "*.ogg",
        "klickety": "*.ogg *.wav",
        "ktuberling-data": "*.ogg *.wav",
        "lbreakout2-data": "*.wav",
        "lincity-ng-data": "sounds/*.wav",
        "lmms-common": "*.ogg *.wav",
        "lugaru-data": "Sounds/*.ogg",
        "marsshooter-data": "audio/toon/*.wav audio/interface/*.wav",
        "megaglest-data": "*.wav *.ogg",
        "mu-cade-data": "chunks/*.wav",
        "open-invaders-data": "*.wav",
        "opencity-data": "*.wav",
        "openssn-data": "*.ogg",
        "sonic-pi-samples": "*.flac",
        "starfighter-data": "sound/*.*",
        "supertuxkart-data": "*.ogg",
        "tecnoballz-data": "sounds/*.wav",
        "torcs-data": "*.wav",
        "tuxfootball": "*.wav *.ogg",
        "tuxmath-data": "*.wav *.ogg",
        "tuxpaint-stamps-default": "*.ogg",
        "tuxtype-data": "*.wav *.ogg",
        "ufoai-sound": "*.ogg",
        "unknown-horizons": "audio/sounds/**/*.ogg",
        "warmux-data": "sound/**/*.ogg",
        "widelands-data": "sound/**/*.ogg",
        "zaz-data": "*.ogg *.wav",
    }.items()
    for name in names.split()
] + ["!*_desc*"]
# Of these, nothing is taken for a background, however even it is: mostly speech and drums.
NO_BACKGROUND = (
    "etw-data",
    "hydrogen-drumkits",
    "klettres-data",
    "ktuberling-data",
    "lmms-common",
    "sonic-pi-samples",
    "tuxtype-data",
)
EVERYTHING = (SPEECH, NOISE, MUSIC, UNSEEN_SPEECH, UNSEEN_NOISE, UNSEEN_MUSIC)
UNSEEN = (UNSEEN_SPEECH, UNSEEN_NOISE, UNSEEN_MUSIC)


def fetch(root: Path, groups: Iterable[dict[str, list[str]]] = EVERYTHING) -> None:
    """Downloads and unpacks what is not yet there of these groups, into one folder a package. All: 3.6 GB."""
    patterns = {pattern for group in groups for some in group.values() for pattern in some}
    root.mkdir(parents=True, exist_ok=True)
    for package in sorted({pattern.split("/")[0] for pattern in patterns if not pattern.startswith("!")}):
        if (root / package).is_dir():
            continue
        subprocess.run(["apt-get", "download", "-qq", package], cwd=root, check=True)
        archive = next(root.glob(f"{package}_*.deb"))
        # Under its name only when it is whole: what is interrupted begins anew.
        partial = root / f"{package}.partial"
        subprocess.run(["dpkg-deb", "-x", archive.name, partial.name], cwd=root, check=True)
        for pack in [*partial.glob("**/*.pk3"), *partial.glob("**/public.zip")]:
            with ZipFile(pack) as file:
                file.extractall(
                    partial / "unpacked", [name for name in file.namelist() if name.endswith((".ogg", ".wav"))]
                )
            pack.unlink()
        archive.unlink()
        partial.rename(root / package)


def find(root: Path, patterns: list[str]) -> list[Path]:
    """The files that match, in order; each once. Names that match a pattern after "!" are left out."""
    wanted = [pattern for pattern in patterns if not pattern.startswith("!")]
    unwanted = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    found = {path for pattern in wanted for path in root.glob(pattern) if path.is_file()}
    return sorted(path for path in found if not any(fnmatch(path.name, pattern) for pattern in unwanted))


def read(path: Path) -> Audio:
    """A recording at 16 kHz, mono, float32. Damaged: nothing."""
    if path.suffix in TELEPHONY:
        samples, rate = _decoded(path)
    else:
        try:
            with soundfile.SoundFile(path) as file:
                rate = file.samplerate
                samples = file.read(LONGEST * rate, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError:
            return np.zeros(0, np.float32)
    mono = samples.mean(axis=1)
    return np.asarray(soxr.resample(mono, rate, RATE) if rate != RATE else mono, np.float32)


def _decoded(path: Path) -> tuple[Audio, int]:
    """What soundfile does not read: samples of shape (frames, channels), and their rate."""
    import av

    with av.open(str(path), format=path.suffix[1:]) as file:
        frames = [frame.to_ndarray() for frame in file.decode(audio=0)]
        rate = file.streams.audio[0].rate
    samples = np.concatenate([np.zeros((1, 0), np.int16), *frames], axis=1)[:, : LONGEST * rate]
    return samples.T.astype(np.float32) / np.float32(32768), rate
