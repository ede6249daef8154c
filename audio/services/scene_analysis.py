"""Who is there, since when, where do they go and look: people followed through a session, and the events of it.

Bodies and faces are looked for at most every 0.15 s; between two such looks people are where they were going. A person
who is not found is held for a moment, with confidences of 0, and then gone.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from audio.audience.metrics import interested, passing_by
from audio.audience.observation import CONES, observe
from audio.audience.visit import Row, Visit
from audio.dsp.plain import pack, unpack
from audio.image import Image, turn
from audio.services import scene_person
from audio.services.base import Output, Service, State
from audio.services.inputs import Moment, choice, picture, timestamp
from audio.services.inputs.sensitivity import USUAL, sensitivity
from audio.services.observation import Lasting
from audio.services.scene_answer import EVENTS, OUTPUTS
from audio.services.scene_faces import Seen
from audio.services.scene_people import COLOURS, LEAST_ALONE, LEAST_BODY, followed
from audio.services.scene_person import Person

if TYPE_CHECKING:
    from audio.vision.tracker import Limits

Floats = NDArray[np.float64]

# Chosen, in s: how often bodies and faces are looked for; from which gap on nobody is the same; for how long a face
# that is not found again still holds.
_EVERY, _GAP, _FACE_HOLDS = 0.15, 2.0, 0.5


@dataclass(frozen=True)
class Inputs:
    image: Image = picture(about="A frame of the stream.")
    timestamp: Moment | None = timestamp(about="When it was taken.")
    camera_position: str = choice(
        "facing",
        choices=tuple(CONES),
        about="Where the camera is: facing, at the height of people; ceiling, above them.",
    )
    sensitivity: Mapping[str, float] | None = sensitivity(
        events=EVENTS, about="How readily each event is told, 0 to 1: less of it tells later, and more surely."
    )


def compute(inputs: Inputs, state: State | None) -> tuple[Output, State | None]:
    with turn(inputs.image):
        return _told(inputs, state)


def _told(inputs: Inputs, state: State | None) -> tuple[Output, State | None]:
    moment = inputs.timestamp or Moment("1970-01-01T00:00:00+00:00", 0.0)
    likely = inputs.sensitivity or dict.fromkeys(EVENTS, USUAL)
    if state is None:
        _, output = _analysed(inputs, moment, likely, _first(inputs, moment), alone=True)
        return output, None
    begun = state or _first(inputs, moment)
    step = _step(begun, moment.seconds)
    gone: list[Person] = []
    if step > _GAP:
        gone = [p for p in begun["people"].values() if p["id"]]
        begun = {**begun, "people": {}, "tracks": _nobody(begun["tracks"]), "looked": None}
    after, output = _analysed(inputs, moment, likely, _later(begun, step, moment), alone=False)
    for person in gone:
        _leave(output, person)
    return output, after


def _step(before: State, at: float) -> float:
    """Seconds since the frame before, 0 where this one is not later; a clock that was set back goes on from there."""
    clock: float = before["clock"]
    last: float = before.get("stamp") or clock
    return max(at - (clock if at > clock else last), 0.0)


def _later(state: State, step: float, moment: Moment) -> State:
    """clock: never runs backward. stamp: of the last frame, as it was sent."""
    return {**state, "clock": state["clock"] + step, "stamp": moment.seconds}


def _nobody(tracks: dict[str, Any]) -> dict[str, Any]:
    """No track, and no identity that was used before."""
    from audio.vision.tracker import Tracks

    return pack(unpack(Tracks, tracks).only([]))


def _first(inputs: Inputs, moment: Moment) -> State:
    seed = hashlib.sha256(inputs.image.digest + moment.text.encode()).digest()[:16]
    state: State = {"seed": seed, "clock": moment.seconds, "looked": None, "tracks": None, "people": {}, "rows": {}}
    return state


def _analysed(
    inputs: Inputs, moment: Moment, likely: Mapping[str, float], state: State, *, alone: bool
) -> tuple[State, Output]:
    from audio.vision.tracker import Tracks

    time, image = state["clock"], inputs.image
    tracks = unpack(Tracks, state["tracks"]) if state["tracks"] else Tracks.none(COLOURS)
    people: dict[str, Person] = dict(state["people"])
    limits = _limits(likely, image.width, alone=alone)
    looks = state["looked"] is None or time - state["looked"] >= _EVERY
    faces: dict[int, Seen] = {}
    if looks:
        since = 0.0 if state["looked"] is None else min(time - state["looked"], 1.0)
        tracks, faces = followed(image, tracks, since, limits)
    ahead = 0.0 if looks else time - state["looked"]
    output: Output = {"timestamp": moment.text, "events": [], "entities": {}, "input_size": image.size}
    after: dict[str, Person] = {}
    rows: dict[str, Any] = {}
    boxes = tracks.boxes
    boxes[:, :2] += tracks.velocity * ahead
    for k in np.flatnonzero(tracks.somebody).tolist():
        number = str(int(tracks.identity[k]))
        box, score = boxes[k].tolist(), float(tracks.score[k]) if tracks.lost[k] == 0 else 0.0
        person = people.get(number) or scene_person.begin(*_ids(state["seed"], number), time, box)
        person = {**person, "box": box, "body": score}
        if k in faces:
            person = scene_person.look(person, image, faces[k], time)
        if number not in people:
            output["events"].append(scene_person.event(person, "appearance", "face_roi", score))
        person, events = scene_person.tell(person, time, likely, fresh=k in faces)
        output["events"] += events
        entity = _entity(image, person, time, score)
        person, row = _visited(person, entity, inputs.camera_position, time)
        if row is not None:
            rows[person["visit_id"]] = row
        output["entities"][person["id"]] = entity
        after[number] = {**person, "entity": entity}
    for number, person in people.items():
        if number not in after:
            _leave(output, person)
    looked = time if looks else state["looked"]
    return {**state, "looked": looked, "tracks": pack(tracks), "people": after, "rows": rows}, output


def _limits(likely: Mapping[str, float], width: int, *, alone: bool) -> Limits:
    """Of the tracker. Somebody is told after 2 to 5 looks, one more where none was sure, and held for 1 to 1.5 s.

    Between two looks of 0.2 s a heading says less than the colours of the chest, and a box more of where somebody is.
    """
    from audio.vision.tracker import Limits

    confirm = 1 if alone else 2 + round(3 * (1 - likely["appearance"]))
    return Limits(
        sure=0.42,
        weak=LEAST_BODY,
        begin=LEAST_ALONE,
        confirm=confirm,
        slow=confirm + 1,
        keep=1.5 - 0.5 * likely["disappearance"],
        tentative=0.45,
        reach=0.2,
        reach_weak=0.4,
        place=0.5,
        heading=0.0,
        look=0.4,
        width=width,
    )


def _ids(seed: bytes, number: str) -> tuple[str, str]:
    """Of the person, and of the row of the visit: one does not tell the other to who lacks the seed."""
    space = uuid.UUID(bytes=seed, version=4)
    return str(uuid.uuid5(space, f"person {number}")), str(uuid.uuid5(space, f"visit {number}"))


def _entity(image: Image, person: Person, time: float, score: float) -> dict[str, Any]:
    from audio.vision.boxes import clipped

    box = np.array(person["box"], np.float32)
    body = clipped(box, image.width, image.height)
    head = np.array([box[0] + box[2] * 0.35, box[1], box[2] * 0.3, min(box[3] / 7, box[2] * 0.5)], np.float32)
    guessed = _unseen(clipped(head, image.width, image.height))
    holds = score > 0 and time - person["face_at"] <= _FACE_HOLDS
    face = person["face"] if holds and person["face"] else guessed
    known = ("age", "age_confidence", "gender", "gender_confidence", "direction")
    lasting = {k: v for k, v in person["face"].items() if k.startswith("emotion") and not k.endswith("confidence")}
    if face is guessed and "gaze" in person["face"]:
        lasting["gaze"] = person["face"]["gaze"]
    if lasting and "emotion_confidence" not in face:
        lasting["emotion_confidence"] = 0
    return {
        **face,
        **lasting,
        "full_body_roi": body,
        "full_body_roi_confidence": round(score, 4),
        **{name: person[name] for name in known if name in person},
    }


def _unseen(roi: list[int]) -> dict[str, Any]:
    """A face that nobody sees: where it must be. It has eyes and a gaze as well, as clients draw them unasked."""
    left, top, width, height = roi
    eyes = [[round(left + share * width), round(top + 0.4 * height)] for share in (0.3, 0.7)]
    return {
        "face_roi": roi,
        "face_roi_confidence": 0,
        "face_eye": eyes,
        "face_confidence": 0,
        "gaze": [0.0, 0.0],
        "gaze_confidence": 0,
    }


def _visited(
    person: Person, entity: Mapping[str, Any], position: str, time: float
) -> tuple[Person, dict[str, Any] | None]:
    """The person once more frame was added to the visit, and the row that is to be stored."""
    seen = observe(time, {**entity, "full_body_roi": person["box"]}, CONES[position])
    if seen is None:
        return person, None
    visit = unpack(Visit, person["visit"]).add(seen) if person["visit"] else Visit.begin(seen)
    row = visit.row
    return {**person, "visit": pack(visit)}, (vars(row) if passing_by(row) else None)


def _leave(output: Output, person: Person) -> None:
    entity = {**person["entity"], "face_roi_confidence": 0, "full_body_roi_confidence": 0}
    output["entities"][person["id"]] = entity
    output["events"].append(scene_person.event(person, "disappearance", "face_roi", 1.0))


def visits(state: State) -> dict[str, Row]:
    """The rows of the visits that were added to in the last frame, by their ids, for the transaction of its job."""
    return {identity: Row(**row) for identity, row in state["rows"].items()}


def lasting(state: State) -> dict[str, Lasting]:
    """The people who are there, for the events of their coming and going: what the figures say of each, and no more."""
    return {p["id"]: _stay(unpack(Visit, p["visit"]).row) for p in state["people"].values() if p["visit"]}


def _stay(row: Row) -> Lasting:
    data = {
        "interested": interested(row),
        "stop_time": round(row.still_total, 1),
        "attention_time": round(row.look, 1),
        "age": row.age,
        "gender": row.gender,
    }
    return Lasting("person_entered", "person_left", row.first, row.last, data)


def prepare() -> None:
    from audio.vision import age_gender, bodies, face_detection, face_expression, face_mesh, models

    for name in (bodies.MODEL, face_detection.MODEL, face_mesh.MODEL, face_expression.MODEL, *age_gender.MODELS):
        models.load(name)


SERVICE = Service(
    name="scene_analysis",
    version=1,
    description=(
        "Follows people through a stream of pictures: who comes and goes, where they look and go, how old they look. "
        "Needs a session. With store it also keeps what the audience's figures need, and no picture."
    ),
    inputs=Inputs,
    outputs=OUTPUTS,
    compute=compute,
    lasting=lasting,
    visits=visits,
    stored_by_default=False,
    prepare=prepare,
    example=(
        {
            "image": "attachment://image.jpg",
            "timestamp": "2016-10-26T16:21:01.136287+00:00",
            "camera_position": "facing",
            "sensitivity": {"appearance": 0.7, "disappearance": 0.7, "focus_locked": 0.9},
        },
        {
            "timestamp": "2016-10-26T16:21:01.136287+00:00",
            "input_size": [640, 480],
            "events": [
                {
                    "entity_id": "16fd2706-8baf-433b-82eb-8c7fada847da",
                    "entity_type": "human",
                    "type": "age_estimated",
                    "confidence": 0.56,
                    "key": "age",
                }
            ],
            "entities": {
                "16fd2706-8baf-433b-82eb-8c7fada847da": {
                    "face_roi": [339, 264, 46, 61],
                    "face_roi_confidence": 0.99,
                    "full_body_roi": [259, 214, 191, 266],
                    "full_body_roi_confidence": 0.71,
                    "face_eye": [[352, 288], [373, 287]],
                    "gaze": [0.02, 0.14],
                    "gaze_confidence": 0.37,
                    "age": 25,
                    "age_confidence": 0.56,
                    "direction": "unknown",
                }
            },
        },
    ),
    requires=("cv2", "onnxruntime", "scipy"),
    extra="vision",
)
