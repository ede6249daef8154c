"""What moves between two pictures: keypoints that go the same way.

What the camera and the light did is taken out first. Corners where the pictures then differ are followed back into the
earlier picture (pyramidal Lucas-Kanade, there and back again); those that moved by themselves are gathered into groups
of neighbours with one velocity. A small group must have been there in the picture before. What leaves the picture is
where all of it is, and gone with its middle. The corners of a small changed part are sought by blocks first: see
block_matching.py.

Source: J.-Y. Bouguet, "Pyramidal implementation of the Lucas Kanade feature tracker", 2000; J. Shi and C. Tomasi, "Good
features to track", CVPR 1994; Z. Kalal et al., "Forward-backward error", ICPR 2010.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from audio.vision import block_matching, patches

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

# Pictures are looked at with a longest side of so many pixels at most. What follows is in these pixels, and chosen on
# made scenes and a road, but where it says otherwise.
SIDE = 640
_CAMERA_CORNERS, _CAMERA_QUALITY, _CAMERA_SPACING = 220, 0.003, 28.0
_CORNERS = 500
_QUALITY, _SPACING = 0.004, 3.0
_WINDOW, _LEVELS = (17, 17), 4
_LEAST_CHANGE, _SPREAD = 7.0, 9
_LEAST_AREA, _SMALL_SIDE = 300, 96
_RETURNS, _MOVES, _STILL = 1.0, 1.0, 0.7
_NEAR, _JOINED = 55.0, 90.0
_LEAST_POINTS, _ENOUGH = 3, 12
_SHARE = 0.4
_MARGIN = 4  # what a corner's strength is computed from, and more
_REACH = 40.0
# How near the border what goes out is seen no more; the share of its speed that is outwards.
_EDGE, _OUTWARD = 12.0, 0.25
_BOX = (1, 99)  # percent of the points between which a thing lies: one may be astray
_SURE = 20.0
NOTHING_KNOWN: Floats = np.zeros((0, 6), np.float32)  # for `between`, where there was no call before


@dataclass(frozen=True, eq=False)
class Group:
    """Points that move as one. x, y: its place in the later picture. vx, vy: pixels since the earlier one. count: how
    many points. width, height: of all of it, also of what the picture shows no more."""

    x: float
    y: float
    vx: float
    vy: float
    count: int
    width: float = 0.0
    height: float = 0.0

    @property
    def confidence(self) -> float:
        """How significant it is, 0 to 1: grows with the number of points."""
        return 1 - float(np.exp(-self.count / _SURE))


def reduced(grey: Pixels) -> tuple[Pixels, float]:
    """The picture at the size at which it is looked at, and by what it was scaled."""
    return patches.reduced(grey, SIDE)


def between(before: Pixels, now: Pixels, known: Floats) -> tuple[list[Group], Floats]:
    """What moved, and all groups, the small ones too, for the next call: n x 6 of place, velocity and size.

    before, now: of one size, rows x columns. known: the groups of the call before.
    """
    before = _lit_as(before, now)
    camera = _camera(before, now)
    points, velocity, lost = _moving(before, now, camera)
    clusters = _completed(_joined(_grown(points, velocity)), lost, now, before, camera)
    groups = [_whole(_group(p, v), p, known, now.shape) for p, v in _weighed(clusters, known)]
    told = [g for g in groups if (g.count >= _ENOUGH or _was_there(g, known)) and _is_in(g, now.shape)]
    every = np.array([(g.x, g.y, g.vx, g.vy, g.width, g.height) for g in groups], np.float32).reshape(-1, 6)
    return told, every


def _lit_as(before: Pixels, now: Pixels) -> Pixels:
    """The earlier picture in the light of the later one."""
    ratio = np.median((now[::8, ::8].astype(np.float32) + 1) / (before[::8, ::8].astype(np.float32) + 1))
    return np.asarray(cv2.convertScaleAbs(before, alpha=float(ratio)), np.uint8)


def _camera(before: Pixels, now: Pixels) -> Floats:
    """By how much most of the picture moved: x, y. Where several things move, the median of all is nobody's motion."""
    at, there, _ = _followed(now, before, _corners(now, _CAMERA_CORNERS, _CAMERA_QUALITY, _CAMERA_SPACING))
    moved = at - there
    if not len(moved):
        return np.zeros(2, np.float32)
    agree = _apart(moved, moved) < _STILL
    return np.asarray(np.median(moved[agree[agree.sum(axis=1).argmax()]], axis=0), np.float32)


def _corners(now: Pixels, most: int, quality: float, spacing: float, mask: Pixels | None = None) -> Floats:
    """n x 2, the strongest first; none where the picture has none, for which OpenCV answers None."""
    found: Any = cv2.goodFeaturesToTrack(now, most, quality, spacing, mask=mask)
    return np.zeros((0, 2), np.float32) if found is None else np.asarray(found.reshape(-1, 2), np.float32)


def _moving(before: Pixels, now: Pixels, camera: Floats) -> tuple[Floats, Floats, Floats]:
    """Points of the later picture that moved by themselves, and by how much; corners where it changed that were not
    found again. n x 2 each."""
    none = np.zeros((0, 2), np.float32)
    shift = np.array([[1, 0, camera[0]], [0, 1, camera[1]]], np.float32)
    size = now.shape[::-1]
    steady = cv2.warpAffine(before, shift, size, borderMode=cv2.BORDER_REPLICATE)
    change = cv2.GaussianBlur(cv2.absdiff(now, steady), (3, 3), 0)
    limit = max(_LEAST_CHANGE, 4 * float(np.median(change[::4, ::4])) + 2)
    changed = (change > limit).astype(np.uint8)
    mask = np.asarray(cv2.dilate(changed, np.ones((_SPREAD, _SPREAD), np.uint8)), np.uint8) * _seen_twice(now, camera)
    if not mask.any():
        return none, none, none
    at, there, lost = _matched_or_followed(now, before, mask, camera)
    velocity = at - there
    own = np.hypot(*(velocity - camera).T) > _MOVES
    return at[own], velocity[own] - camera, lost


def _seen_twice(now: Pixels, camera: Floats) -> Pixels:
    """1 where a corner and what surrounds it were in the earlier picture, too; 0 near borders across which the camera
    moved, where new things come in and old ones go."""
    across, down = (int(np.ceil(abs(c))) + _WINDOW[0] // 2 if abs(c) > _MOVES / 2 else 0 for c in camera)
    rows, columns = now.shape
    inner = np.zeros_like(now)
    inner[down : max(down, rows - down), across : max(across, columns - across)] = 1
    return inner


def _matched_or_followed(now: Pixels, before: Pixels, mask: Pixels, camera: Floats) -> tuple[Floats, Floats, Floats]:
    """The corners in the mask that are found in the earlier picture, where they are there, and those that are not."""
    x, y, width, height = cv2.boundingRect(mask)
    left, top = max(0, x - _MARGIN), max(0, y - _MARGIN)
    part = np.s_[top : y + height + _MARGIN, left : x + width + _MARGIN]
    corners = _corners(now[part], _CORNERS, _QUALITY, _SPACING, mask[part]) + np.array([left, top], np.float32)
    label, small = _small_parts(mask)
    of = label[tuple(corners[:, ::-1].astype(int).T // 2)]
    found = []
    for one in small:
        match = block_matching.matched(now, before, corners[of == one], camera)
        if match is not None and len(match[0]) >= _LEAST_POINTS:
            found.append(match)
            corners, of = corners[of != one], of[of != one]
    at, there, kept = _followed(now, before, corners)
    found.append((at, there))
    return np.concatenate([at for at, _ in found]), np.concatenate([there for _, there in found]), corners[~kept]


def _small_parts(mask: Pixels) -> tuple[NDArray[np.uint16], list[int]]:
    """Parts of the mask, numbered, at half its size; and which of them are small things seen whole: what a border cuts
    may be part of a large one."""
    half = np.ascontiguousarray(mask[::2, ::2])
    _, label, stats, _ = cv2.connectedComponentsWithStats(half, connectivity=8, ltype=cv2.CV_16U)
    left, top, width, height, area = stats.T
    small = (np.maximum(width, height) <= _SMALL_SIDE / 2) & (area > _LEAST_AREA / 4)
    whole = (left > 0) & (top > 0) & (left + width < half.shape[1]) & (top + height < half.shape[0])
    return np.asarray(label, np.uint16), [int(k) for k in np.flatnonzero(small & whole) if k]


def _followed(now: Pixels, before: Pixels, points: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """The points that are found in the earlier picture, and back again, where they are there, and which they are."""
    if not len(points):
        return points, points, np.zeros(0, np.bool_)
    follow: Any = cv2.calcOpticalFlowPyrLK  # its stub wants a place for what it makes itself
    there, found, _ = follow(now, before, points, None, winSize=_WINDOW, maxLevel=_LEVELS)
    back, again, _ = follow(before, now, there, None, winSize=_WINDOW, maxLevel=_LEVELS)
    kept = (found.ravel() > 0) & (again.ravel() > 0) & (np.hypot(*(back - points).T) < _RETURNS)
    return points[kept], there[kept], kept


Cluster = tuple[Floats, Floats]


def _grown(points: Floats, velocity: Floats) -> list[Cluster]:
    """Neighbours with one velocity, at least _LEAST_POINTS of them."""
    if not len(points):
        return []
    _, label = connected_components((_apart(points, points) < _NEAR) & _alike(velocity, velocity), directed=False)
    sizes = np.bincount(label)
    return [(points[label == k], velocity[label == k]) for k in np.flatnonzero(sizes >= _LEAST_POINTS)]


def _joined(groups: list[Cluster]) -> list[Cluster]:
    """Groups that are near and move alike are one."""
    if len(groups) < 2:
        return groups
    near = np.array([[_apart(p, q).min() < _JOINED for q, _ in groups] for p, _ in groups])
    means = np.array([np.median(v, axis=0) for _, v in groups])
    count, label = connected_components(near & _alike(means, means), directed=False)
    members = [[g for g, k in zip(groups, label, strict=True) if k == one] for one in range(count)]
    return [(np.vstack([p for p, _ in m]), np.vstack([v for _, v in m])) for m in members]


def _completed(groups: list[Cluster], lost: Floats, now: Pixels, before: Pixels, camera: Floats) -> list[Cluster]:
    """With those of the lost corners around a group of many points that move as it does: the coarse levels of a pyramid
    lose parts of what is narrow and fast."""
    whole = []
    for points, velocity in groups:
        if len(points) >= _ENOUGH and len(lost):
            near = _apart(lost, points).min(axis=1) < _JOINED
            displacement = -(np.median(velocity, axis=0) + camera)
            at, there = block_matching.followed(now, before, lost[near], displacement)
            points, velocity = np.vstack([points, at]), np.vstack([velocity, at - there - camera])
        whole.append((points, velocity))
    return whole


def _weighed(groups: list[Cluster], known: Floats) -> list[Cluster]:
    """Without the edges of what a larger neighbour covers and uncovers: what moves as its edge does, and what is small
    beside it, but for one of many points that was there before: that one passes it."""
    kept = []
    for p, v in groups:
        larger = [w for q, w in groups if len(p) < len(q) and _apart(p, q).min() < _JOINED]
        small = any(len(p) < _SHARE * len(w) for w in larger)
        passes = len(p) >= _ENOUGH and _was_there(_group(p, v), known)
        if (passes or not small) and not any(_is_edge(v, w) for w in larger):
            kept.append((p, v))
    return kept


def _is_edge(velocity: Floats, larger: Floats) -> bool:
    """Whether that is what an edge shows of the larger one's motion: the part of it that is across the edge."""
    across, motion = np.median(velocity, axis=0), np.median(larger, axis=0)
    speed = float(np.hypot(*across))
    return abs(float(across @ motion) - speed**2) < speed * (0.5 + 0.05 * speed)


def _group(points: Floats, velocity: Floats) -> Group:
    """Its place is between the mean of the points and the middle of their box: corners are not spread evenly."""
    first, last = np.percentile(points, _BOX, axis=0)
    x, y = (points.mean(axis=0) + (first + last) / 2) / 2
    vx, vy = np.median(velocity, axis=0)
    width, height = last - first
    return Group(float(x), float(y), float(vx), float(vy), len(points), float(width), float(height))


def _whole(group: Group, points: Floats, known: Floats, shape: tuple[int, ...]) -> Group:
    """What goes out of the picture is as large as it was, and its place is that of all of it, not of what is left."""
    place, velocity, size = ([group.x, group.y], [group.vx, group.vy], [group.width, group.height])
    moved = np.array([velocity], np.float32)
    off = np.abs(known[:, :2] + moved - np.array(place))
    same = (off < known[:, 4:] / 2 + _EDGE).all(axis=1) & _alike(moved, known[:, 2:4])[0]
    if not same.any():
        return group
    one = known[same][off[same].sum(axis=1).argmin()]
    for axis, (v, end) in enumerate(zip(velocity, shape[1::-1], strict=True)):
        front = float(one[axis]) + v + np.sign(v) * float(one[4 + axis]) / 2
        goes = front > end - _EDGE if v > 0 else front < _EDGE
        if goes and abs(v) > _OUTWARD * np.hypot(group.vx, group.vy):
            back = np.percentile(points[:, axis], _BOX[0 if v > 0 else 1])
            size[axis] = max(size[axis], float(one[4 + axis]))
            place[axis] = float(back + np.sign(v) * size[axis] / 2)
    return replace(group, x=place[0], y=place[1], width=size[0], height=size[1])


def _is_in(group: Group, shape: tuple[int, ...]) -> bool:
    """Whether its middle is in the picture."""
    return 0 <= group.x < shape[1] and 0 <= group.y < shape[0]


def _was_there(group: Group, known: Floats) -> bool:
    """Whether one that moves alike was where it came from."""
    if not len(known):
        return False
    near = np.hypot(known[:, 0] - group.x + group.vx, known[:, 1] - group.y + group.vy) < _REACH
    return bool((near & _alike(np.array([[group.vx, group.vy]], np.float32), known[:, 2:4])[0]).any())


def _apart(a: Floats, b: Floats) -> Floats:
    return np.asarray(np.hypot(a[:, None, 0] - b[None, :, 0], a[:, None, 1] - b[None, :, 1]), np.float32)


def _alike(a: Floats, b: Floats) -> NDArray[np.bool_]:
    """Velocities that differ by a pixel, and 15 %, at most."""
    speed = np.maximum(np.hypot(*a.T)[:, None], np.hypot(*b.T)[None])
    return np.asarray(_apart(a, b) < 1 + 0.15 * speed)
