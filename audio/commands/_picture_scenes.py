"""The scenes of `audio demo` that are seen: one picture with what is in it, and a clip with who came and who looked."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta
from math import degrees
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

from audio.audience.observation import CONES, looking
from audio.commands._draw import RULER_EXTRA, Axis, Pen, Span, table
from audio.commands._scenes import GUTTER, labelled
from audio.errors import AudioError

if TYPE_CHECKING:
    from audio.client import Root
    from audio.commands._gateway import Running

PICTURE_SERVICES = ("face_detection", "age_and_gender_estimation", "face_expression_estimation", "gaze_analysis")
_EXPRESSIONS = ("neutral", "happiness", "surprise", "anger", "sadness")
_METRICS = ("passing_by", "interested", "stop_time", "attention_time")
_AGO = timedelta(minutes=5)  # when the clip is said to have been taken: its end is then no future
_FPS = 60.0  # above the clip's own: every picture of it


# --- one picture ---------------------------------------------------------------------------------------------------


def picture(pen: Pen, root: Root, file: Path, keep: Path) -> list[str]:
    """What four services see in a picture, in words and drawn into a copy of it in `keep`."""
    from audio.commands import _drawn

    data = file.read_bytes()
    answers, milliseconds = [], []
    for name in PICTURE_SERVICES:
        begun = perf_counter()
        answers.append(root.services.get_service(name).process({"image": data}).result)
        milliseconds.append(1000 * (perf_counter() - begun))
    drawn = keep / f"{file.stem}.png"
    faces = together(answers)
    _drawn.write(data, {"faces": faces}, drawn)
    rows = [
        (f"face {number}" if what == "place" else "", what, seen)
        for number, face in enumerate(faces, 1)
        for what, seen in facts(pen, face)
    ]
    lines = table(pen, ("", "", "seen"), rows, "<<<") if rows else ["No face was found."]
    about = "four services of faces, one picture: an astronaut before a flag, who smiles into the camera."
    took = f"{len(milliseconds)} requests, each with the picture, answered in {median(milliseconds):.0f} ms (median)."
    return [pen.paint(about, "quiet"), "", *(f"  {line}" for line in lines), "", f"  {took}", f"  Drawn: {drawn}"]


def together(answers: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What several services say of the same faces, which all find in the same order, as one."""
    faces = [answer["faces"] for answer in answers]
    return [{k: v for one in of for k, v in one.items()} for of in zip(*faces, strict=True)]


def facts(pen: Pen, face: dict[str, Any]) -> list[tuple[str, str]]:
    """What was seen of a face: a name and a text each."""
    from audio.vision.draw import percent

    left, top, width, height = face["roi"]
    best = max(_EXPRESSIONS, key=lambda name: face.get(name, 0.0))
    named = [("place", f"{width} x {height} pixels at {left}, {top} ({percent(face['roi_confidence'])} sure)")]
    if "age" in face:
        named.append(("age", f"{face['age']} years (within five: {percent(face['age_confidence'])} sure)"))
        named.append(("gender", f"{face['gender']} ({percent(face['gender_confidence'])} sure)"))
    if best in face:
        named.append(("expression", f"{best} ({percent(face[best])})"))
    for what in ("head", "gaze"):
        if f"{what}_yaw" in face:
            yaw, pitch = (f"{degrees(face[f'{what}_{turn}']):+.0f}{pen.glyph('degree')}" for turn in ("yaw", "pitch"))
            named.append((what, f"yaw {yaw.strip()}, pitch {pitch.strip()} (0: into the camera)"))
    return named


# --- a clip --------------------------------------------------------------------------------------------------------


def clip(pen: Pen, root: Root, running: Running, file: Path, expected: dict[str, Any]) -> list[str]:
    """Who came and who looked, frame by frame, and the figures that the gateway keeps of them, beside the truth."""
    from audio.client import camera

    service = root.services.get_service("scene_analysis")
    session = service.create_session()
    answers, milliseconds, begin = [], [], None
    for frame in camera.frames(str(file), _FPS, threading.Event()):
        taken = frame.taken - _AGO
        begin = begin or taken
        begun = perf_counter()
        given = {"image": frame.data, "timestamp": taken.isoformat(timespec="milliseconds"), "store": True}
        answers.append(service.process(given, session=session).result)
        milliseconds.append(1000 * (perf_counter() - begun))
    if begin is None:
        raise AudioError(f"{file} holds no picture that OpenCV reads: take the file of the repository again.")
    figures = _figures(running, begin.isoformat())
    took = f"{len(answers)} pictures, each its own request, answered in {median(milliseconds):.0f} ms (median)."
    return [
        pen.paint(f"scene_analysis {service.version}: {expected['about']}", "quiet"),
        "",
        *timeline(pen, answers, expected),
        "",
        *(" " * GUTTER + line for line in table(pen, ("", "truth", "answer"), compared(expected, figures), "<>>")),
        "",
        f"  {took}",
    ]


def timeline(pen: Pen, answers: Sequence[dict[str, Any]], expected: dict[str, Any]) -> list[str]:
    """When somebody was there and stood, in truth; when somebody was seen, and seen to look."""
    people, step = expected["people"], 1 / expected["rate"]
    axis = Axis(expected["seconds"], pen.width - GUTTER - RULER_EXTRA)
    there = [(p["seen"][0], p["seen"][1]) for p in people]
    stands = [(p["stands"][0], p["stands"][1]) for p in people if p["stands"]]
    seen = [any(e["full_body_roi_confidence"] > 0 for e in a["entities"].values()) for a in answers]
    look = [any(looking(e, CONES["facing"]) for e in a["entities"].values()) for a in answers]
    return [
        labelled("", pen.paint(axis.ruler(), "quiet")),
        labelled("", pen.paint(axis.texts((p["seen"][0], p["name"]) for p in people), "quiet")),
        labelled("truth", axis.bars(there, pen.glyph("truth"))),
        labelled("stands", axis.bars(stands, pen.glyph("truth"))),
        labelled("seen", pen.paint(axis.bars(spans(seen, step), pen.glyph("answer")), "answer")),
        labelled("looks", pen.paint(axis.bars(spans(look, step), pen.glyph("answer")), "answer")),
    ]


def spans(flags: Sequence[bool], step: float) -> list[Span]:
    """Where flags, one every `step` s, are set: from the first to the last of each run, in s."""
    edges = [k for k, (a, b) in enumerate(zip([False, *flags], [*flags, False], strict=True)) if a != b]
    return [(first * step, last * step) for first, last in zip(edges[::2], edges[1::2], strict=True)]


def compared(expected: dict[str, Any], figures: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The figures of the audience as they are, and as they were answered."""
    people = expected["people"]
    stays = [p for p in people if p["stands"] and p["stands"][1] - p["stands"][0] >= 3]
    stood = sum(p["stands"][1] - p["stands"][0] for p in stays) / max(len(stays), 1)
    looked = sum(p["seen"][1] - p["seen"][0] for p in stays) / max(len(stays), 1)
    truth = (f"{len(people)}", f"{len(stays)}", f"{stood:.1f} s", f"{looked:.1f} s")
    names = ("people who passed", "stopped and looked", "how long they stood", "how long they looked")
    return [(n, t, _value(name, figures)) for n, t, name in zip(names, truth, _METRICS, strict=True)]


def _value(name: str, figures: dict[str, Any]) -> str:
    value = figures[name]["value"]
    return "none" if value is None else f"{value:.1f} s" if name.endswith("_time") else str(value)


def _figures(running: Running, begin: str) -> dict[str, Any]:
    """The audience's metrics since `begin`, by the data API."""
    import requests

    who = {"username": "demo", "client_id": running.client_id, "access_token": running.access_token}
    asked = {"metrics": ",".join(_METRICS), "from_date": begin}
    try:
        token = requests.post(f"{running.url}/api-token-authstream", json=who, timeout=10)
        token.raise_for_status()
        bearer = {"Authorization": f"Bearer {token.json()['token']}"}
        found = requests.get(f"{running.url}/api/1/entities", params=asked, headers=bearer, timeout=10)
        found.raise_for_status()
    except requests.RequestException as exc:
        raise AudioError(f"The gateway of the demo gave no figures; run it again. What went wrong: {exc}") from exc
    figures: dict[str, Any] = found.json()["entities"]["global"]
    return figures
