"""URLs that a service brings itself, beside its jobs: a list, an interface that other programs know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from audio.services.inputs import Schema


@dataclass(frozen=True)
class Reply:
    """JSON, or the bytes of a file."""

    content: Mapping[str, Any] | bytes
    media_type: str = "application/json"


@dataclass(frozen=True)
class Resource:
    """One URL and what it answers.

    path: under the service's URL; with a slash before it, under the gateway's. method: GET or POST, whose JSON are the
    values. answer: (service, values) -> reply. Raises BadInput. operation: of OpenAPI, without its failures.
    computes: whether it takes a place among the jobs that are computed, and is counted as one.
    selector: where several services bring the same path, the field that says which, and its values for this one.
    """

    method: str
    path: str
    answer: Callable[[Any, Mapping[str, Any]], Reply]
    operation: Schema
    computes: bool = False
    selector: tuple[str, tuple[str, ...]] = ("", ())
