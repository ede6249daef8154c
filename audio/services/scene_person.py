"""One person of a scene: what is known of them so far, and the events that tell it.

A person is a dict of plain values, as the state of a session holds it. Each event is told once: a second age or gender
only where it became another one. A sensitivity of 1 tells at the first sign, 0 waits for the most.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from audio.image import Image
from audio.services import scene_faces
from audio.services.scene_answer import EMOTIONS
from audio.services.scene_faces import Seen

Person = dict[str, Any]
Event = dict[str, Any]

# All chosen. Looks at age and gender: so many at most, so far apart in s.
_MOST_LOOKS, _APART = 5, 0.4
_EXPRESSION_APART = 0.4
_OTHER_AGE = 5.0
# Radians within which a direction stays the same.
_SAME = math.radians(10)
# In widths of the body: a way that is a direction.
_WAY = 1.0


def begin(identity: str, visit: str, time: float, box: list[float]) -> Person:
    return {
        "id": identity,
        "visit_id": visit,
        "since": time,
        "start": [box[0] + box[2] / 2, box[1] + box[3] / 2],
        "box": box,
        "direction": "unknown",
        "told": {},
        "face": {},
        "face_at": time,
        "ages": [],
        "looked": -math.inf,
        "read": -math.inf,
        "focus": None,
        "emotion": {},
        "visit": None,
    }


def look(person: Person, image: Image, seen: Seen, time: float) -> Person:
    """The person once a face was seen: where it looks, how old it is, what shape it has."""
    fields = {**{k: v for k, v in person["face"].items() if k.startswith("emotion")}, **seen.fields}
    after = {**person, "face_at": time}
    if seen.readable and time - person["read"] >= _EXPRESSION_APART:
        fields |= scene_faces.expression(image, seen)
        after["read"] = time
    if seen.readable and len(person["ages"]) < _MOST_LOOKS and time - person["looked"] >= _APART:
        from audio.vision import age_gender

        guess = age_gender.guess(image.rgb, seen.mesh)
        after["ages"] = [*person["ages"], [guess.looks, guess.odds]]
        after["looked"] = time
    return {**after, "face": fields}


def tell(person: Person, time: float, sensitivity: Mapping[str, float], *, fresh: bool) -> tuple[Person, list[Event]]:
    """The person, and what is to be told now. fresh: a face was seen in this very picture."""
    person = {**person, "told": dict(person["told"]), "emotion": dict(person["emotion"])}
    events = _ages(person, sensitivity)
    if fresh:
        events += _focus(person, time, sensitivity["focus_locked"])
        events += _emotions(person, sensitivity["emotion_detected"])
    return person, events + _direction(person, time, sensitivity["direction_estimated"])


def event(person: Person, kind: str, key: str, confidence: float) -> Event:
    chance = round(min(max(confidence, 0.0), 1.0), 4)
    return {"entity_id": person["id"], "entity_type": "human", "type": kind, "confidence": chance, "key": key}


def _ages(person: Person, sensitivity: Mapping[str, float]) -> list[Event]:
    from audio.vision.age_gender import Guess

    count = len(person["ages"])
    if count == 0 or person["told"].get("looks") == count:
        return []
    person["told"]["looks"] = count
    guess = Guess(*(sum(column) / count for column in zip(*person["ages"], strict=True)))
    events, told = [], person["told"]
    enough = count >= 1 + round(4 * (1 - sensitivity["age_estimated"])) and told.get("age_events", 0) < 2
    if enough and ("age" not in person or abs(person["age"] - guess.age) > _OTHER_AGE):
        told["age_events"] = told.get("age_events", 0) + 1
        person |= {"age": round(guess.age), "age_confidence": round(guess.age_confidence, 4)}
        events.append(event(person, "age_estimated", "age", guess.age_confidence))
    sure = guess.gender_confidence >= 0.5 + 0.3 * (1 - sensitivity["gender_estimated"])
    if count > 1 and sure and told.get("gender_events", 0) < 2 and person.get("gender") != guess.gender:
        told["gender_events"] = told.get("gender_events", 0) + 1
        person |= {"gender": guess.gender, "gender_confidence": round(guess.gender_confidence, 4)}
        events.append(event(person, "gender_estimated", "gender", guess.gender_confidence))
    return events


def _focus(person: Person, time: float, sensitivity: float) -> list[Event]:
    """Somebody who looks in one direction for 1 to 3 s, told once for each direction."""
    yaw, pitch = person["face"]["gaze"]
    focus = person["focus"]
    if focus is None or math.hypot(yaw - focus[1], pitch - focus[2]) > _SAME:
        person["focus"] = [time, yaw, pitch, False]
    elif not focus[3] and time - focus[0] >= 1 + 2 * (1 - sensitivity):
        person["focus"] = [*focus[:3], True]
        return [event(person, "focus_locked", "gaze", person["face"]["head_confidence"])]
    return []


def _emotions(person: Person, sensitivity: float) -> list[Event]:
    """An expression that becomes strong, told once until it was weak again."""
    events, least = [], 0.5 + 0.4 * (1 - sensitivity)
    for name in EMOTIONS:
        share = person["face"].get(f"emotion_{name}", 0.0)
        strong = person["emotion"].get(name, False)
        if share >= least and not strong:
            events.append(event(person, "emotion_detected", f"emotion_{name}", share))
        person["emotion"][name] = share >= (least - 0.2 if strong else least)
    return events


def _direction(person: Person, time: float, sensitivity: float) -> list[Event]:
    """Where somebody went on the whole, once there is a way to tell it from."""
    left, top, width, height = person["box"]
    way = (left + width / 2 - person["start"][0], top + height / 2 - person["start"][1])
    far = max(abs(way[0]), abs(way[1]))
    if person["direction"] != "unknown" or time - person["since"] < 1 + 2 * (1 - sensitivity) or far < _WAY * width:
        return []
    across = abs(way[0]) >= abs(way[1])
    person["direction"] = ("right" if way[0] > 0 else "left") if across else ("down" if way[1] > 0 else "up")
    return [event(person, "direction_estimated", "direction", 1 - 0.5 * min(abs(way[0]), abs(way[1])) / far)]
