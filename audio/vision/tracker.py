"""Who is who from frame to frame: boxes that were found become tracks with an identity.

Each track predicts where its box is now: constant velocity, by a fading-memory filter (growing memory at first, so the
first frames tell the speed). Boxes are given to tracks at the least cost in all, sure boxes first, then what is left of
the tracks takes the weak ones: who is half hidden is found weakly, not anew. Of boxes that overlap alike a track gets
the one that lies where it was heading. A track that is not found is looked for around its prediction, in a region that
grows, and is lost after a while.

Sources: Zhang et al., "ByteTrack: Multi-object tracking by associating every detection box", ECCV 2022 (two stages);
Cao et al., "Observation-centric SORT: Rethinking SORT for robust multi-object tracking", CVPR 2023 (the heading);
N. Morrison, "Introduction to Sequential Smoothing and Prediction", 1969 (the filter); H. W. Kuhn, "The Hungarian method
for the assignment problem", 1955.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from audio.vision.boxes import iou, shared

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Limits:
    """How boxes become tracks. Fitted by hand to a street (TUD-Stadtmitte, with its public detections at 25, 12 and 8
    frames a second, forwards and backwards) and to staged walks whose true boxes were jittered and left out.

    sure: the score from which a box begins a track, and is given away first. weak: below it a box is no box. begin: the
    score from which a box away from all others begins a track that has to move to be somebody. confirm: how many boxes
    make a track somebody; slow: how many where none was sure, and how far it has `moved`, in its widths. keep: s for
    which one that is not found is kept; one not confirmed, for `tentative`. reach, reach_weak: the least overlap of a
    box with a prediction. growth: by which part of its size a prediction is wider on each side, for each second
    that it was not found. inside: a box of which so much lies in that of a track begins none. place: the least part
    of the way to its box that a track goes; the more pictures a second, the less. heading: what a box that lies
    straight on is worth in overlap, and one that lies straight back costs. look: how much a difference in looks, 0 to
    1, costs in overlap. width: of the picture, in px; 0: not known.
    """

    sure: float = 0.55
    weak: float = 0.1
    begin: float = 1.0
    confirm: int = 3
    slow: int = 5
    moved: float = 1.0
    keep: float = 1.5
    tentative: float = 0.15
    reach: float = 0.3
    reach_weak: float = 0.5
    growth: float = 0.1
    inside: float = 0.8
    place: float = 0.4
    heading: float = 0.1
    look: float = 0.0
    width: float = 0.0


@dataclass(frozen=True, eq=False)
class Tracks:
    """n tracks. following: the identity of the next one.

    identity: n, from 1 on, never used again. centre, velocity: n x 2, px and px/s. size: n x 2, width and height.
    hits: n, boxes so far. lost: n, s since the last one, 0: found now. score: n, of the last box; best: n, of all of
    them. start: n x 2, the centre of the first one. somebody: n, whether it is. looks: n x d.
    """

    following: int
    identity: Ints
    centre: Floats
    velocity: Floats
    size: Floats
    hits: Ints
    lost: Floats
    score: Floats
    best: Floats
    start: Floats
    somebody: Flags
    looks: Floats

    @staticmethod
    def none(looks: int = 0) -> Tracks:
        """No track yet. looks: how many numbers tell what a box looks like."""
        flat, pair = np.zeros(0), np.zeros((0, 2))
        whole = np.zeros(0, np.int64)
        return Tracks(1, whole, pair, pair, pair, whole, flat, flat, flat, pair, whole > 0, np.zeros((0, looks)))

    @property
    def boxes(self) -> Floats:
        """n x 4: left, top, width, height."""
        return np.hstack([self.centre - self.size / 2, self.size])

    def only(self, rows: NDArray[np.generic] | list[int]) -> Tracks:
        """These rows of them."""
        arrays = {f.name: getattr(self, f.name)[rows] for f in fields(self) if f.name != "following"}
        return replace(self, **arrays)


def update(
    tracks: Tracks, boxes: Floats, scores: Floats, step: float, limits: Limits, looks: Floats | None = None
) -> tuple[Tracks, Ints]:
    """The tracks after one more frame, and the row of the box that each got; -1: none.

    boxes: n x 4, left, top, width, height. scores: n, 0 to 1. step: s since the frame before. looks: n x d, rows of
    parts that sum to 1, such as a histogram of colours; None: nothing is known of looks.
    """
    looks = np.zeros((len(boxes), tracks.looks.shape[1])) if looks is None else looks
    tracks = replace(tracks, centre=tracks.centre + tracks.velocity * step, lost=tracks.lost + step)
    sure = scores >= limits.sure
    got = np.full(len(tracks.identity), -1, np.int64)
    for chosen, reach in ((sure, limits.reach), (~sure & (scores >= limits.weak), limits.reach_weak)):
        _assign(got, tracks, np.flatnonzero(chosen), boxes, looks, reach, limits)
    if (got >= 0).any():
        tracks = _corrected(tracks, got, boxes, scores, looks, limits.place)
    new = _beginnings(tracks, got, boxes, scores, limits)
    tracks, got = _begun(tracks, boxes[new], scores[new], looks[new]), np.concatenate([got, new])
    before, tracks = tracks.somebody, replace(tracks, somebody=_confirmed(tracks, limits))
    patience = np.where(tracks.somebody, limits.keep, limits.tentative)
    kept = (tracks.lost <= patience) & (tracks.somebody | ~before)
    return tracks.only(kept), got[kept]


def _assign(
    got: Ints, tracks: Tracks, candidates: Ints, boxes: Floats, looks: Floats, reach: float, limits: Limits
) -> None:
    """Give candidates to the tracks that have none, where they overlap enough: the most overlap in all."""
    free = np.flatnonzero(got < 0)
    if not len(free) or not len(candidates):
        return
    wider = 1 + 2 * limits.growth * tracks.lost[free, None]
    size = tracks.size[free]
    grown = np.hstack([tracks.centre[free] - size * wider / 2, size * wider])
    found = boxes[candidates]
    middle = found[:, :2] + found[:, 2:] / 2
    worth = np.empty((len(free), len(found)))
    for row in range(len(free)):  # a found box is grown as the prediction is
        spread = np.hstack([middle - found[:, 2:] * wider[row] / 2, found[:, 2:] * wider[row]])
        worth[row] = iou(grown[row : row + 1].astype(np.float32), spread.astype(np.float32))[0]
    reached = (worth >= reach) & ~_entering(tracks.only(free), found, limits.width)
    worth += limits.heading * _straight_on(tracks.only(free), middle)
    if limits.look:
        worth = worth - limits.look * _unlike(tracks.looks[free], looks[candidates])
    rows, columns = linear_sum_assignment(np.where(reached, worth, -10.0), maximize=True)
    fits = reached[rows, columns]
    got[free[rows[fits]]] = candidates[columns[fits]]


def _entering(tracks: Tracks, boxes: Floats, width: float) -> Flags:
    """Whether a box comes into the picture at the side where a track is leaving it: n x m. It is somebody else's.

    width: of the picture, 0: not known.
    """
    left, size, speed = tracks.centre[:, :1] - tracks.size[:, :1] / 2, tracks.size[:, :1], tracks.velocity[:, :1]
    right, furthest = left + size, boxes[:, 0] + boxes[:, 2]
    at_left = (left <= _SIDE * width) & (speed < -_LEAVING * size) & (furthest > right + _INWARD * size)
    at_right = (right >= (1 - _SIDE) * width) & (speed > _LEAVING * size) & (boxes[:, 0] < left - _INWARD * size)
    return np.asarray((at_left | at_right) & (width > 0), np.bool_)


# Who touches a side (parts of the picture's width) and walks towards it (own widths a second) is leaving. A box that
# reaches so much (own widths) further into the picture than who leaves should is of who comes. Fitted to staged walks.
_SIDE, _LEAVING, _INWARD = 0.02, 0.3, 0.3


def _straight_on(tracks: Tracks, places: Floats) -> Floats:
    """How straight places lie ahead of where tracks were last found, 1 to -1: n x m. 0 for who hardly walks."""
    velocity = tracks.velocity[:, None]
    way = places[None] - tracks.centre[:, None] + velocity * tracks.lost[:, None, None]
    speed, length = np.linalg.norm(velocity, axis=2), np.linalg.norm(way, axis=2)
    walks = speed > _WALKS * tracks.size[:, :1]
    return np.asarray(walks * (way * velocity).sum(axis=2) / np.maximum(length * speed, _TINY), np.float64)


_WALKS = 0.2  # widths a second, from which on there is a heading. Chosen.
_TINY = 1e-6


def _unlike(a: Floats, b: Floats) -> Floats:
    """Half the sum of differences, 0 to 1: n x m."""
    return np.asarray(np.abs(a[:, None] - b[None]).sum(axis=2) / 2, np.float64)


def _corrected(tracks: Tracks, got: Ints, boxes: Floats, scores: Floats, looks: Floats, least: float) -> Tracks:
    """The tracks that got a box, moved towards it: by 1/k of the difference and the like at the kth box, later less."""
    mine = got >= 0
    box, look, score = boxes[got * mine], looks[got * mine], scores[got * mine]
    k = tracks.hits[:, None] + 1.0
    place, speed = np.maximum(2 * (2 * k - 1) / (k * (k + 1)), least), np.maximum(6 / (k * (k + 1)), _SPEED)
    error = box[:, :2] + box[:, 2:] / 2 - tracks.centre
    since = np.maximum(tracks.lost, _INSTANT)[:, None]
    there = mine[:, None]
    return replace(
        tracks,
        centre=tracks.centre + there * np.minimum(place, 1) * error,
        velocity=tracks.velocity + there * (tracks.lost[:, None] > 0) * np.minimum(speed, 1) * error / since,
        size=tracks.size + there * np.maximum(1 / k, _SIZE) * (box[:, 2:] - tracks.size),
        hits=tracks.hits + mine,
        lost=np.where(mine, 0.0, tracks.lost),
        score=np.where(mine, score, tracks.score),
        best=np.where(mine, np.maximum(score, tracks.best), tracks.best),
        looks=tracks.looks + there * np.maximum(1 / k, _LOOK) * (look - tracks.looks),
    )


# The least gains of the filters: what a new box weighs against what is known of speed, size and looks. Fitted.
_SPEED, _SIZE, _LOOK = 0.1, 0.25, 0.1
_INSTANT = 1e-3  # s
_APART = 0.1  # of a weak box that begins a track: the most of it that may lie in another. Chosen.


def _confirmed(tracks: Tracks, limits: Limits) -> Flags:
    """Which tracks are somebody. One that was never sure and is back where it began is so no longer, and ends."""
    far = np.hypot(*(tracks.centre - tracks.start).T) >= limits.moved * tracks.size[:, 0]
    surely = (tracks.best >= limits.sure) & (tracks.hits >= limits.confirm)
    return np.asarray(surely | (far & (tracks.hits >= limits.slow)), np.bool_)


def _beginnings(tracks: Tracks, got: Ints, boxes: Floats, scores: Floats, limits: Limits) -> Ints:
    """The boxes that nobody got and that begin a track: sure ones outside those of the tracks that were found, and weak
    ones away from all others and from the sides, where anything is narrow."""
    left = np.setdiff1d(np.flatnonzero(scores >= min(limits.sure, limits.begin)), got)
    left = left[(scores[left] >= limits.sure) | ~_at_side(boxes[left], limits.width)]
    left = left[np.argsort(-scores[left], kind="stable")]
    taken = tracks.boxes[got >= 0]
    new: list[int] = []
    for one in left.tolist():
        sure = scores[one] >= limits.sure
        others = taken if sure else np.vstack([taken, boxes[new]])
        area = max(float(np.prod(boxes[one, 2:])), 1e-9)
        within = float(shared(boxes[one][None], others).max()) / area if len(others) else 0.0
        if within < (limits.inside if sure else _APART):
            new.append(one)
    return np.array(sorted(new), np.int64)


def _at_side(boxes: Floats, width: float) -> Flags:
    """Whether boxes touch the left or the right side of a picture of this width; 0: not known, none."""
    at_left, at_right = boxes[:, 0] <= _SIDE * width, boxes[:, 0] + boxes[:, 2] >= (1 - _SIDE) * width
    return np.asarray((at_left | at_right) & (width > 0), np.bool_)


def _begun(tracks: Tracks, boxes: Floats, scores: Floats, looks: Floats) -> Tracks:
    count = len(boxes)
    new = Tracks(
        following=tracks.following + count,
        identity=np.arange(tracks.following, tracks.following + count, dtype=np.int64),
        centre=boxes[:, :2] + boxes[:, 2:] / 2,
        velocity=np.zeros((count, 2)),
        size=boxes[:, 2:],
        hits=np.ones(count, np.int64),
        lost=np.zeros(count),
        score=scores,
        best=scores,
        start=boxes[:, :2] + boxes[:, 2:] / 2,
        somebody=np.zeros(count, np.bool_),
        looks=looks,
    )
    arrays = [f.name for f in fields(tracks) if f.name != "following"]
    both = {name: np.concatenate([getattr(tracks, name), getattr(new, name)]) for name in arrays}
    return Tracks(following=new.following, **both)
