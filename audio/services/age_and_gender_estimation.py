"""How old faces look, and which of two genders a network takes them for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audio.services import faces
from audio.services.fields import probability

if TYPE_CHECKING:
    from audio.vision.face_detection import Face


def measure(asked: faces.Inputs, face: Face) -> tuple[float, float]:
    from audio.vision import age_gender, face_mesh

    guess = age_gender.guess(asked.image.rgb, face_mesh.fit(asked.image.rgb, face))
    return guess.looks, guess.odds


def describe(asked: faces.Inputs, numbers: faces.Numbers) -> dict[str, Any]:
    from audio.vision.age_gender import Guess

    guess = Guess(*map(float, numbers))
    return {
        "age": round(guess.age),
        "age_confidence": round(guess.age_confidence, 3),
        "gender": guess.gender,
        "gender_confidence": round(guess.gender_confidence, 3),
    }


SERVICE = faces.service(
    name="age_and_gender_estimation",
    description=(
        "Says how old faces look, five years off on average, and which of two genders networks take them for. Not for "
        "deciding about anybody."
    ),
    measure=measure,
    describe=describe,
    averaged=True,
    fields={
        "age": {"type": "integer", "minimum": 0, "description": "How old the face looks, in years."},
        "age_confidence": probability("The probability that this is within 5 years of the truth."),
        "gender": {"type": "string", "enum": ["male", "female"], "description": "What the networks take it for."},
        "gender_confidence": probability("The probability that this is right."),
    },
    example={"age": 32, "age_confidence": 0.61, "gender": "male", "gender_confidence": 0.95},
    models=("face_mesh", "age_gender", "gender"),
)
