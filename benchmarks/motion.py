"""motion_detection beside OpenCV's MOG2 on drawn scenes whose truth is known.

    .venv/bin/python benchmarks/motion.py [--scenes 8] [--first 0]

Cut-outs of the photographs in fixtures/ move over others of them, 640 x 480 at ten pictures a second, with the noise of
a sensor, as grey JPEG of quality 80. Of each kind so many scenes of 40 pictures, drawn by seeds from `--first` on. A
thing is found in a picture where a target lies within half of its size from its middle (at least 20 pixels); a target
is false where it lies within no thing and 25 pixels around it (a thing is there while its middle is), and more than one
on a thing are told again. MOG2 has OpenCV's usual values, areas of 80 pixels and more.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from audio.vision import motion

WIDTH, HEIGHT, PICTURES, RATE = 640, 480, 40, 10
Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]
PHOTOS = [
    cv2.imread(str(Path(__file__).parents[1] / "fixtures" / name), cv2.IMREAD_GRAYSCALE)
    for name in ("astronaut.jpg", "hopper.jpg")
]


@dataclass(frozen=True)
class Thing:
    """A cut-out, its middle in the first picture, and by how many pixels it moves."""

    pixels: Floats
    x: float
    y: float
    vx: float
    vy: float

    def at(self, picture: int) -> tuple[float, float]:
        return self.x + self.vx * picture, self.y + self.vy * picture

    def is_within(self, picture: int) -> bool:
        """Whether all of it is in the picture, and was in the one before."""
        h, w = self.pixels.shape
        return all(
            w / 2 <= x <= WIDTH - w / 2 and h / 2 <= y <= HEIGHT - h / 2
            for x, y in (self.at(picture), self.at(picture - 1))
        )

    def is_there(self, picture: int) -> bool:
        """Whether its middle is in the picture."""
        x, y = self.at(picture)
        return 0 <= x < WIDTH and 0 <= y < HEIGHT

    def has(self, target: tuple[float, float, float, float], picture: int) -> bool:
        """Whether the target lies on it, or within 25 pixels around it."""
        (x, y), (h, w) = self.at(picture), self.pixels.shape
        return abs(target[0] - x) <= w / 2 + 25 and abs(target[1] - y) <= h / 2 + 25


@dataclass(frozen=True)
class Kind:
    """What is drawn: heights of the things, pixels a picture, whether they go from side to side, by how much the camera
    shakes, what the light does."""

    heights: tuple[int, ...] = ()
    speed: float = 8.0
    through: bool = False
    shake: float = 0.0
    light: Callable[[int], float] = lambda _: 1.0


KINDS = {
    "one": Kind((180,)),
    "one, shaking camera": Kind((180,), shake=4.0),
    "one, changing light": Kind((180,), light=lambda k: 1 + 0.2 * math.sin(k / 3)),
    "two": Kind((180, 120)),
    "slow": Kind((180,), speed=1.5),
    "fast": Kind((180,), speed=28.0),
    "fast, in and out": Kind((150,), speed=28.0, through=True),
    "two, in and out": Kind((180, 120), speed=16.0, through=True),
    "small": Kind((40,), speed=14.0),
    "nothing": Kind(),
    "nothing, shaking camera": Kind(shake=4.0),
    "nothing, steps of light": Kind(light=lambda k: 1.3 if k // 10 % 2 else 1.0),
}


@dataclass
class Score:
    wanted: int = 0
    found: int = 0
    false: int = 0
    again: int = 0
    pictures: int = 0
    far: list[float] = field(default_factory=list)
    wrong: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def row(self) -> str:
        found = f"{self.found / self.wanted:.3f}" if self.wanted else ""
        far, wrong = (f"{np.mean(v):.2f}" if v else "" for v in (self.far, self.wrong))
        false, again = (n / self.pictures * RATE * 60 for n in (self.false, self.again))
        return f"{found:>7}{far:>9}{wrong:>10}{false:>9.1f}{again:>9.1f}{1e3 * self.seconds / self.pictures:>8.1f}"


def photo(chance: np.random.Generator, rows: int, columns: int) -> Floats:
    """A part of a photograph, perhaps mirrored, at that size."""
    source = PHOTOS[chance.integers(len(PHOTOS))]
    height = int(chance.uniform(0.5, 1.0) * min(source.shape[0], source.shape[1] * rows / columns))
    width = int(height * columns / rows)
    top, left = chance.integers(source.shape[0] - height + 1), chance.integers(source.shape[1] - width + 1)
    part = source[top : top + height, left : left + width]
    part = part[:, ::-1] if chance.integers(2) else part
    return np.asarray(cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)


def things(kind: Kind, chance: np.random.Generator) -> list[Thing]:
    found = []
    for i, height in enumerate(kind.heights):
        angle = chance.uniform(-0.4, 0.4) + math.pi * (i + chance.integers(2))
        vx, vy = kind.speed * math.cos(angle), kind.speed * math.sin(angle)
        way = WIDTH if kind.through else min(kind.speed * PICTURES, 500)
        x = WIDTH / 2 - vx / kind.speed * way / 2
        y = chance.uniform(0.35, 0.65) * HEIGHT
        found.append(Thing(photo(chance, height, height * 2 // 5), x, y, vx, vy))
    return found


def scene(kind: Kind, seed: int) -> Iterator[tuple[Pixels, list[Thing]]]:
    """Its pictures, each with the things that move in it."""
    chance = np.random.default_rng(seed)
    wall, moving = photo(chance, HEIGHT + 40, WIDTH + 40), things(kind, chance)
    for k in range(PICTURES):
        shift = chance.normal(0, kind.shake, 2) if kind.shake else np.zeros(2)
        seen = cv2.warpAffine(wall, np.float32([[1, 0, shift[0] - 20], [0, 1, shift[1] - 20]]), (WIDTH, HEIGHT))
        for one in moving:
            (x, y), (h, w) = one.at(k), one.pixels.shape
            place = np.float32([[1, 0, x - w / 2 + shift[0]], [0, 1, y - h / 2 + shift[1]]])
            oval = cv2.ellipse(np.zeros((h, w), np.float32), (w // 2, h // 2), (w // 2, h // 2), 0, 0, 360, 1.0, -1)
            there = cv2.warpAffine(oval, place, (WIDTH, HEIGHT))
            seen = seen * (1 - there) + cv2.warpAffine(one.pixels, place, (WIDTH, HEIGHT)) * there
        noisy = np.clip(seen * kind.light(k) + chance.normal(0, 2, seen.shape), 0, 255).astype(np.uint8)
        _, data = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, 80])
        yield cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), moving


class Ours:
    """From picture to picture; each target as x, y, vx, vy."""

    def __init__(self) -> None:
        self._before: Pixels | None = None
        self._known = motion.NOTHING_KNOWN

    def look(self, grey: Pixels) -> list[tuple[float, float, float, float]]:
        groups: list[motion.Group] = []
        if self._before is not None:
            groups, self._known = motion.between(self._before, grey, self._known)
        self._before = grey
        return [(g.x, g.y, g.vx, g.vy) for g in groups]


class Mog2:
    """Areas of the foreground; their velocity is from the nearest one before."""

    def __init__(self) -> None:
        self._model = cv2.createBackgroundSubtractorMOG2()
        self._before: list[tuple[float, float]] = []

    def look(self, grey: Pixels) -> list[tuple[float, float, float, float]]:
        mask = cv2.morphologyEx((self._model.apply(grey) > 200).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3)))
        _, _, stats, middles = cv2.connectedComponentsWithStats(mask)
        now = [tuple(m) for m, s in zip(middles[1:], stats[1:], strict=True) if s[cv2.CC_STAT_AREA] >= 80]
        before, self._before = self._before, now
        found = []
        for x, y in now:
            near = min(before, key=lambda p: math.dist(p, (x, y)), default=(x, y))
            found.append((x, y, x - near[0], y - near[1]))
        return found


def judge(detector: type[Ours | Mog2], kind: Kind, seeds: range, score: Score) -> None:
    for seed in seeds:
        seen = detector()
        for k, (grey, moving) in enumerate(scene(kind, seed)):
            begin = time.process_time()
            targets = seen.look(grey)
            score.seconds += time.process_time() - begin
            score.pictures += 1
            for one in moving:
                if k and one.is_within(k):
                    score.wanted += 1
                    (x, y), size = one.at(k), max(one.pixels.shape)
                    near = min(targets, key=lambda t: math.dist(t[:2], (x, y)), default=None)
                    if near is not None and math.dist(near[:2], (x, y)) <= max(20.0, size / 2):
                        score.found += 1
                        score.far.append(math.dist(near[:2], (x, y)))
                        score.wrong.append(math.dist(near[2:], (one.vx, one.vy)))
            there = [one for one in moving if one.is_there(k)]
            alone = [target for target in targets if not any(one.has(target, k) for one in there)]
            score.false += len(alone)
            told = sum(any(one.has(target, k) for target in targets) for one in there)
            score.again += max(0, len(targets) - len(alone) - told)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=8)
    parser.add_argument("--first", type=int, default=0)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    print(f"{'':34}{'found':>7}{'px off':>9}{'px/frame':>10}{'false/m':>9}{'again/m':>9}{'ms':>8}")
    for name, kind in KINDS.items():
        for detector in (Ours, Mog2):
            score = Score()
            judge(detector, kind, range(args.first, args.first + args.scenes), score)
            print(f"{name:26}{detector.__name__:8}{score.row()}", flush=True)


if __name__ == "__main__":
    main()
