"""Build simulated rooms with a pair of microphones, speech and noise in them, and the true directions.

    pip install av numpy scipy soundfile
    python benchmarks/localization_rooms.py --packages PKGS --out ROOMS --seed 1 --jobs 2

The voices, claps, clicks and chimes are those of free Debian packages, fetched with `apt-get download` into PKGS. The
rooms are shoeboxes (image method): size, reverberation time, place and heading of the pair, distance, level, noise and
gain mismatch are drawn anew for every sound. The same seed gives the same sounds. Conventions: x forward, y left, yaw
> 0 to the left, channel 1 is the left microphone, 343 m/s. `yaw_ff_deg` is asin(path difference / baseline), the best
that a pair can tell.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import av
import numpy as np
import scipy.signal as ss
import soundfile as sf
from scipy.ndimage import uniform_filter1d

RATE = 48000
SPEED = 343.0
HOP = 1024  # frames of one entry of the activity masks
PACKAGES = (
    "asterisk-core-sounds-es-g722",
    "asterisk-core-sounds-it-g722",
    "asterisk-core-sounds-ru-g722",
    "ktuberling-data",
    "hydrogen-drumkits",
    "bucklespring-data",
    "sound-theme-freedesktop",
)
LANGUAGES = ("el", "lt", "ru", "uk", "sl", "gl", "wa")
BASELINES = (0.06, 0.10, 0.14, 0.20, 0.50, 1.00)
KINDS = {"main": 200, "nonspeech": 36, "two": 30, "moving": 24, "quiet": 12, "humdc": 12, "burst": 16, "noise": 36}
NOISES = (
    "zeros",
    "lsb",
    "white-70",
    "white-50",
    "white-35",
    "pink-50",
    "room-60",
    "room-45",
    "room-30",
    "hum-40",
    "fan-30",
    "fan-40",
    "fan-50",
    "starts-40",
)
BAND = ss.butter(4, [100, 8000], "bp", fs=RATE, output="sos")
Array = Any


def fetch(folder: Path) -> None:
    """Download and unpack what is missing of PACKAGES."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in PACKAGES:
        if not (folder / name).is_dir():
            subprocess.run(["apt-get", "download", name], cwd=folder, check=True)
            deb = next(folder.glob(f"{name}_*.deb"))
            subprocess.run(["dpkg", "-x", str(deb), str(folder / name)], check=True)


def material(folder: Path) -> dict[str, list[Path]]:
    """The sound files of each kind, in a fixed order."""
    narrow = [
        p for p in folder.glob("asterisk*/usr/share/asterisk/sounds/**/*.g722") if 9000 < p.stat().st_size < 90000
    ]
    wide = [p for k in LANGUAGES for p in folder.glob(f"ktuberling-data/usr/share/ktuberling/sounds/{k}/*.[ow]*")]
    kits = folder / "hydrogen-drumkits/usr/share/hydrogen/data/drumkits"
    clap = [
        p for k in ("Gimme A Hand 1.0", "Millo-Drums_v.1", "ElectricEmpireKit") for p in kits.glob(f"{k}/*[Cc]lap*")
    ]
    return {
        "narrow": sorted(p for p in narrow if "silence" not in str(p)),
        "wide": sorted(p for p in wide if sf.info(p).samplerate >= 44100),
        "clap": sorted(clap),
        "click": sorted(folder.glob("bucklespring-data/**/*-0.wav"))[1::2],
        "tone": sorted(folder.glob("sound-theme-freedesktop/**/*.og[ag]")),
        "burst": [],
    }


def load(path: Path) -> Array:
    """One mono sound at RATE, without its silent ends."""
    if path.suffix == ".g722":
        with av.open(str(path), format="g722") as file:
            sound = np.concatenate([frame.to_ndarray()[0] for frame in file.decode(audio=0)]) / 32768
            rate = file.streams.audio[0].rate
    else:
        sound, rate = sf.read(path, always_2d=True)
        sound = sound.mean(1)
    step = np.gcd(rate, RATE)
    sound = ss.resample_poly(sound, RATE // step, rate // step)
    power = uniform_filter1d(sound**2, 480)
    loud = np.flatnonzero(power > 1e-3 * power.max())
    return sound[loud[0] : loud[-1] + 1] if loud.size else sound[:0]


def utter(rng: Any, files: list[Path], frames: int, pause: tuple[float, float]) -> Array:
    """Sounds drawn from `files`, or noise, all equally loud, with pauses (seconds) between them."""
    out, at = np.zeros(frames), 0
    while at < frames - RATE // 4:
        sound = load(files[rng.integers(len(files))]) if files else rng.standard_normal(int(rng.uniform(0.1, 1) * RATE))
        if len(sound) < 480 or sound.std() < 1e-5:
            continue
        sound = ss.sosfilt(ss.butter(2, 60, "hp", fs=RATE, output="sos"), sound)
        power = sound[: len(sound) // 480 * 480].reshape(-1, 480).var(1)
        sound *= 0.05 / np.sqrt(power[power > 0.01 * power.max()].mean())
        part = sound[: frames - at]
        out[at : at + len(part)] = part * np.minimum(1, np.arange(len(part), 0, -1) / 240)
        at += len(part) + int(rng.uniform(*pause) * RATE)
    return out


def noise(rng: Any, colour: str, frames: int, baseline: float, diffuse: bool, voices: list[Path]) -> Array:
    """Two channels of noise, independent or with the coherence of a spherically isotropic field."""
    freq = np.fft.rfftfreq(frames, 1 / RATE)
    shape = {"pink": np.maximum(freq, 40) ** -0.5, "room": np.maximum(freq, 100) ** -0.83}.get(
        colour, np.ones(len(freq))
    )
    first, second = (np.fft.rfft(rng.standard_normal(frames)) * shape for _ in range(2))
    if colour == "babble":
        crowd = [
            [np.roll(utter(rng, voices, frames, (0.02, 0.1)), rng.integers(frames)) for _ in range(10)]
            for _ in range(2)
        ]
        first, second = (np.fft.rfft(np.sum(c, axis=0)) for c in crowd)
    alike = np.sinc(2 * freq * baseline / SPEED) if diffuse else np.zeros(len(freq))
    return np.fft.irfft(np.stack([first, alike * first + np.sqrt(1 - alike**2) * second]), frames).T


def loudness(sound: Array, mask: Array | None = None) -> float:
    """RMS between 100 Hz and 8 kHz, of the masked frames."""
    band = ss.sosfilt(BAND, sound, axis=0)
    return float(np.sqrt(np.mean((band if mask is None else band[mask]) ** 2)))


def place(rng: Any, echo: float, baseline: float, distance: float, yaws: Array) -> tuple[Array, Array, list[Array]]:
    """A room, the two microphones (3, 2) and the sources, drawn until all are inside and off the walls."""
    while True:
        if echo:
            size = rng.uniform([3.6, 3.2, 2.4], [5.0, 4.4, 2.9]) * rng.uniform(1.0, 1.0 + echo)
        else:
            size = np.full(3, 20.0)
        centre = rng.uniform([0.7, 0.7, 0.8], [size[0] - 0.7, size[1] - 0.7, 1.6]) if echo else size / 2
        heading, height = rng.uniform(0, 2 * np.pi), rng.uniform(-0.15, 0.15)
        left = np.array([-np.sin(heading), np.cos(heading), 0.0])
        pair = np.stack([centre + left * baseline / 2, centre - left * baseline / 2], 1)
        turn = heading + np.radians(yaws)
        sources = [centre + distance * np.array([np.cos(t), np.sin(t), height]) for t in turn]
        points = np.array([*sources, *pair.T])
        if (points > 0.3).all() and (points < size - 0.3).all():
            return size, pair, sources
        distance = max(0.8, distance * 0.995)


def responses(rng: Any, size: Array, pair: Array, sources: list[Array], echo: float) -> list[Array]:
    """The impulse responses (frames, 2) from each source: image method, images a little out of place as rooms are."""
    if not echo:
        return [_sum_images(s[None], np.ones(1), pair, 1) for s in sources]
    volume, surface = size.prod(), 2 * (size[0] * size[1] + size[1] * size[2] + size[2] * size[0])
    reflection = np.sqrt(1 - min(0.99, 24 * np.log(10) / SPEED * volume / (surface * echo)))
    reach = echo * SPEED
    counts = [np.arange(-n, n + 1) for n in np.ceil(reach / (2 * size)).astype(int)]
    turns = np.stack(np.meshgrid(*counts, indexing="ij"), -1).reshape(-1, 3)
    out = []
    for source in sources:
        places, gains = [], []
        for mirrored in np.ndindex(2, 2, 2):
            at = 2 * turns * size + (1 - 2 * np.array(mirrored)) * source
            bounces = np.abs(turns - mirrored).sum(1) + np.abs(turns).sum(1)
            near = np.linalg.norm(at - pair.mean(1), axis=1) < reach
            places.append(at[near])
            gains.append(reflection ** bounces[near])
        place, gain = np.concatenate(places), np.concatenate(gains)
        place = place + rng.normal(0, 0.03, place.shape) * (gain < 0.999)[:, None]
        out.append(_sum_images(place, gain, pair, int((reach + 3) / SPEED * RATE)))
    return out


def _sum_images(places: Array, gains: Array, pair: Array, frames: int) -> Array:
    """Image sources as taps: the strongest as band-limited pulses, the rest by linear interpolation."""
    length = max(frames, 1) + 1200
    out = np.zeros((length, 2))
    for k in range(2):
        distance = np.linalg.norm(places - pair[:, k], axis=1)
        delay, strength = distance / SPEED * RATE, gains / distance
        order = np.argsort(-strength)
        for d, a in zip(delay[order[:60]], strength[order[:60]], strict=True):
            taps = np.arange(int(d) - 40, int(d) + 42)
            out[taps[taps >= 0], k] += (a * np.sinc(taps - d) * np.cos(np.pi * (taps - d) / 84) ** 2)[taps >= 0]
        late = order[60:]
        whole = delay[late].astype(int)
        part = delay[late] - whole
        out[:, k] += np.bincount(whole, strength[late] * (1 - part), length)[:length]
        out[:, k] += np.bincount(whole + 1, strength[late] * part, length)[:length]
    return out


def far_field(pair: Array, source: Array, baseline: float) -> float:
    """asin(path difference / baseline) in degrees."""
    left, right = np.linalg.norm(pair - source[:, None], axis=0)
    return float(np.degrees(np.arcsin(np.clip((right - left) / baseline, -1, 1))))


def activity(dry: Array, delay: int) -> Array:
    """Which hops of HOP frames hold sound: 0 or 1 each."""
    late = np.concatenate([np.zeros(delay), dry])[: len(dry)]
    power = late[: len(late) // HOP * HOP].reshape(-1, HOP)
    level = 10 * np.log10(np.mean(power**2, axis=1) + 1e-18)
    return (
        (level > np.percentile(level[level > -120], 95) - 26).astype(int)
        if (level > -120).any()
        else np.zeros(len(level), int)
    )


def wet(dry: Array, taps: list[Array], lead: int) -> Array:
    """The dry sound at the pair; through several responses in turn where the source moves."""
    frames = len(dry)
    if len(taps) == 1:
        return ss.fftconvolve(dry[:, None], taps[0], axes=0)[:frames]
    at = np.clip((np.arange(frames) - lead) / (frames - lead) * (len(taps) - 1), 0, None)
    out = np.zeros((frames, 2))
    for k, tap in enumerate(taps):
        weight = np.clip(1 - np.abs(at - k), 0, 1)
        out += ss.fftconvolve((dry * weight)[:, None], tap, axes=0)[:frames]
    return out


def only_noise(rng: Any, kind: str, baseline: float) -> Array:
    """Ten seconds with no source."""
    name, _, level = kind.partition("-")
    frames = 10 * RATE
    if name in ("zeros", "lsb"):
        return rng.uniform(-1, 1, (frames, 2)) / 32767 * (name == "lsb")
    if name == "hum":
        t = np.arange(frames) / RATE
        tone = sum(np.sin(2 * np.pi * rng.choice([50, 60]) * m * t + rng.uniform(0, 6)) / m**1.5 for m in range(1, 13))
        return (
            0.0005 * rng.standard_normal((frames, 2)) + (tone / tone.std() * 10 ** (-int(level) / 20))[:, None] + 0.006
        )
    sound = noise(
        rng, name if name in ("white", "pink") else "room", frames, baseline, name in ("room", "fan", "starts"), []
    )
    if name == "fan":
        sound *= (1 + 0.4 * np.sin(2 * np.pi * rng.uniform(0.5, 3) * np.arange(frames) / RATE))[:, None]
    if name == "starts":
        sound[: int(rng.uniform(1, 5) * RATE)] *= 10 ** (rng.uniform(-35, -10) / 20)
    return sound / np.sqrt(np.mean(sound**2)) * 10 ** (-int(level) / 20)


def render(rng: Any, kind: str, number: int, files: dict[str, list[Path]]) -> tuple[Array, dict[str, Any]]:
    """One sound of a kind, float (frames, 2), and its truth."""
    baseline = float(
        BASELINES[number % 6] if rng.random() < 0.75 else np.round(np.exp(rng.uniform(np.log(0.05), np.log(1.2))), 3)
    )
    case: dict[str, Any] = {"category": kind, "baseline": baseline, "sources": []}
    if kind == "noise":
        case["noise_kind"] = NOISES[number % len(NOISES)]
        return only_noise(rng, case["noise_kind"], baseline), case
    easy = kind not in ("main", "nonspeech")
    echo = 0.0 if rng.random() < 0.2 else float(rng.uniform(0.15, 0.45 if easy else 0.75))
    snr = float(
        {"two": rng.uniform(18, 32), "moving": rng.uniform(10, 25), "burst": rng.uniform(5, 50)}.get(
            kind, rng.uniform(10, 20) if easy else rng.uniform(-2, 24)
        )
    )
    lead, frames = int(rng.uniform(0.5, 1.0) * RATE), 5 * RATE
    if kind == "two":
        apart = rng.uniform(30, 105)
        yaws = np.array([0, apart]) + rng.uniform(-82, 82 - apart)
    elif kind == "moving":
        yaws = np.linspace(rng.uniform(40, 80), rng.uniform(-80, -40), 31) * rng.choice([-1, 1])
        yaws = yaws if rng.random() < 0.7 else np.linspace(yaws[0], rng.uniform(-10, 10), 31)
    else:
        yaws = np.array([rng.uniform(-90, 90) if rng.random() < 0.8 else rng.choice([-1, 1]) * rng.uniform(75, 90)])
    size, pair, sources = place(rng, echo, baseline, float(rng.uniform(1, 3)) * (0.7 if kind == "moving" else 1), yaws)
    taps = responses(rng, size, pair, sources, echo)
    sort = {"nonspeech": ["clap", "click", "tone"][number % 3], "burst": "burst"}.get(kind)
    sort = sort or str(rng.choice(["narrow", "wide"]))
    pause = {"clap": (0.25, 0.7), "click": (0.05, 0.3), "tone": (0.1, 0.4)}.get(sort, (0.1, 0.5))
    sound, busy = np.zeros((frames, 2)), np.zeros(frames // HOP, int)
    for k in range(2 if kind == "two" else 1):
        dry = np.concatenate([np.zeros(lead), utter(rng, files[sort], frames - lead, pause)]) * 10 ** (
            rng.uniform(-2, 2) / 20
        )
        sound += wet(dry, taps if kind == "moving" else [taps[k]], lead)
        act = activity(dry, int(np.argmax(np.abs(taps[k][:, 0]))))
        busy |= act
        truth: dict[str, Any] = {
            "act": act.tolist(),
            "material": sort,
            "yaw_deg": float(yaws[k]),
            "yaw_ff_deg": far_field(pair, sources[k], baseline),
        }
        if kind == "moving":
            at = np.clip(((np.arange(len(act)) + 0.5) * HOP - lead) / (frames - lead) * 30, 0, 30)
            truth["yaw_deg"] = np.interp(at, range(31), yaws).tolist()
            truth["yaw_ff_deg"] = np.interp(at, range(31), [far_field(pair, s, baseline) for s in sources]).tolist()
        case["sources"].append(truth)
    level = float(rng.uniform(-58, -50) if kind == "quiet" else rng.uniform(-38, -18))
    mask = np.pad(np.repeat(busy > 0, HOP), (0, frames - len(busy) * HOP))
    sound *= 10 ** (level / 20) / loudness(sound, mask)
    diffuse = bool(rng.random() < 0.5)
    colour = str(rng.choice(["room", "babble"] if diffuse else ["white", "pink"]))
    hiss = noise(rng, colour, frames, baseline, diffuse, files["narrow"])
    sound += hiss * 10 ** ((level - snr) / 20) / loudness(hiss)
    sound[:, 1] *= 10 ** (rng.uniform(-2.5, 2.5) / 20)
    if kind == "humdc":
        t = np.arange(frames) / RATE
        tone = sum(np.sin(2 * np.pi * rng.choice([50, 60]) * m * t + rng.uniform(0, 6)) / m**1.2 for m in range(1, 9))
        sound += (tone / tone.std() * 10 ** ((level + 3) / 20))[:, None] * rng.uniform(0.9, 1.1, 2) + rng.uniform(
            -0.01, 0.01, 2
        )
    case.update(snr_db=snr, noise=colour, rt60=echo, level_dbfs=level)
    return sound, case


def build(task: tuple[int, str, int, Path, Path]) -> dict[str, Any]:
    """Render one sound and write it; its truth comes back."""
    seed, kind, number, packages, out = task
    sound, case = render(
        np.random.default_rng([seed, list(KINDS).index(kind), number]), kind, number, material(packages)
    )
    sound *= min(1.0, 0.98 / max(1e-9, float(np.abs(sound).max())))
    case.update(id=f"{kind}_{number:03d}", file=f"{kind}_{number:03d}.wav", fs=RATE, n_frames=len(sound))
    sf.write(out / case["file"], np.round(sound * 32767).astype(np.int16), RATE, subtype="PCM_16")
    return case


def main() -> None:
    """Build the whole set and its truth.json."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--packages", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--scale", type=float, default=1.0, help="size of the set; 0.25 is a quarter")
    parser.add_argument("--kinds", default=",".join(KINDS), help="which kinds of sounds")
    options = parser.parse_args()
    fetch(options.packages)
    options.out.mkdir(parents=True, exist_ok=True)
    plan = [
        (options.seed, kind, k, options.packages.resolve(), options.out)
        for kind in options.kinds.split(",")
        for k in range(round(KINDS[kind] * options.scale))
    ]
    plan.sort(key=lambda task: (task[2] + 0.5) / KINDS[task[1]])
    with Pool(options.jobs) as pool:
        cases = []
        for case in pool.imap(build, plan, chunksize=1):
            cases.append(case)
            (options.out / "truth.json").write_text(json.dumps({"fs": RATE, "act_hop": HOP, "cases": cases}))


if __name__ == "__main__":
    main()
