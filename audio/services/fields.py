"""JSON Schemas of what several services answer: a probability, and a row of numbers such as a point or a box."""

from __future__ import annotations

from audio.services.inputs import Schema


def probability(description: str) -> Schema:
    return {"type": "number", "minimum": 0, "maximum": 1, "description": description}


def numbers(count: int, description: str, kind: str = "number", **bounds: float) -> Schema:
    """So many of them. kind: integer or number. bounds: minimum and maximum of each."""
    each = {"type": kind, **bounds}
    return {"type": "array", "items": each, "minItems": count, "maxItems": count, "description": description}


def size() -> Schema:
    return numbers(2, "Width and height of the picture in pixels.", "integer")


def roi(whose: str) -> Schema:
    return numbers(4, f"Left, top, width and height of the {whose}, in pixels.", "integer", minimum=0)
