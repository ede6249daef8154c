"""`/api/1/entities` and `/api/1/usage`: what a stream's data is, by hour, by day, or as one."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response, jsonify, request

from audio.console import data, dates, links, metrics, pages
from audio.console.data import blueprint
from audio.console.dates import Span
from audio.errors import BadInput
from audio.services.inputs import Schema
from audio.stores import streams, usage, zones

PAGE = 50


@blueprint.get("/api/1/entities")
def entities() -> Response:
    client_id = data.client_of(request)
    _once_each()
    names = _metrics()
    begin, end = _from_date(), _to_date()
    kind = request.args.get("time", dates.GLOBAL)
    if kind not in dates.TIMES:
        raise BadInput(f"'time' must be one of {', '.join(dates.TIMES)}; '{kind[:40]}' came.", field="time")
    _check_order(begin, end)
    span = Span(begin.timestamp(), end.timestamp(), kind, zones.of(_tz()))
    total = span.count
    nb_of_pages = -(-total // PAGE)
    page = _page(nb_of_pages)
    starts = span.starts((page - 1) * PAGE, PAGE)
    with pages.engine().database.snapshot() as connection:
        values = metrics.answer(connection, client_id, names, span.bounds(starts))
    keys = ["global"] if kind == dates.GLOBAL else [start.isoformat() for start in starts]
    return jsonify(
        {
            "entities": dict(zip(keys, values, strict=True)),
            "from_date": dates.show(begin),
            "total_results": total,
            "nb_of_pages": nb_of_pages,
            "next_page": _next(page, end) if page < nb_of_pages else "",
            "page": page,
            "time": kind,
            "to_date": dates.show(end),
        }
    )


@blueprint.get("/api/1/usage")
def usage_of() -> Response:
    """What a stream has used of its plan, and by day and service."""
    client_id = data.client_of(request, basic=True)
    _once_each()
    with pages.engine().database.read() as connection:
        stream = streams.get(connection, client_id)
        if stream is None:
            raise BadInput("There is no such stream any more: ask with the credentials of one that is there.")
        used = usage.of_stream(connection, stream)
        end = _to_date()
        begin = _from_date() if "from_date" in request.args else datetime.fromtimestamp(used.period.since, end.tzinfo)
        _check_order(begin, end)
        days = usage.by_day(connection, client_id, stream.tz, begin.timestamp(), end.timestamp())
    return jsonify(
        {
            "plan": used.plan.name,
            "period": used.plan.period or None,
            "used": round(used.seconds, 1),
            "limit": used.limit,
            "resets_at": used.period.resets_at if used.limit else None,
            "days": {day: {name: round(s, 1) for name, s in of.items()} for day, of in days.items()},
        }
    )


def _once_each() -> None:
    for name, values in request.args.lists():
        if len(values) > 1:
            raise BadInput(f"'{name}' came {len(values)} times: give it once.", field=name)


def _metrics() -> list[str]:
    """The names that are asked for, each once, in their order."""
    text = request.args.get("metrics", "")
    names = list(dict.fromkeys(name.strip() for name in text.split(",")))
    wrong = [name for name in names if name not in metrics.NAMES]
    if wrong:
        raise BadInput(
            f"'metrics' must be names of {', '.join(metrics.NAMES)}, with commas between; '{wrong[0][:40]}' came.",
            field="metrics",
        )
    return names


def _from_date() -> datetime:
    text = request.args.get("from_date")
    if not text:
        raise BadInput(
            "'from_date' is missing: it is a date and time such as 2026-11-28T16:20:41+01:00.", field="from_date"
        )
    return dates.parse(text, "from_date")


def _to_date() -> datetime:
    text = request.args.get("to_date")
    if text:
        return dates.parse(text, "to_date")
    zone = (
        dates.parse(request.args["from_date"], "from_date").tzinfo if "from_date" in request.args else zones.of("UTC")
    )
    return datetime.fromtimestamp(time.time(), zone)


def _check_order(begin: datetime, end: datetime) -> None:
    if end <= begin:
        raise BadInput("'to_date' must be after 'from_date'.", field="to_date")


def _tz() -> str:
    name = request.args.get("tz", "UTC")
    if name not in zones.names():
        raise BadInput(f"'tz' must be a time zone such as Europe/Paris, or UTC; '{name[:40]}' came.", field="tz")
    return name


def _page(most: int) -> int:
    text = request.args.get("page", "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if not 1 <= number <= most:
        raise BadInput(f"'page' must be a whole number from 1 to {most}; '{text[:40]}' came.", field="page")
    return number


def _next(page: int, end: datetime) -> str:
    """The complete URL of the next page: the same question, with the end that it has by now."""
    kept: dict[str, Any] = request.args.to_dict()
    return f"{links.root()}/api/1/entities?{urlencode({**kept, 'to_date': end.isoformat(), 'page': page + 1})}"


def operations() -> Schema:
    """The part of the OpenAPI document that is of entities and usage."""
    text, number, count = {"type": "string"}, {"type": "number"}, {"type": "integer"}
    moment = {"type": "string", "format": "date-time"}
    begin = _asked("from_date", "ISO 8601; UTC where it has no offset.", moment)
    until = "The same, after it; now where it is missing or empty."
    end = {**_asked("to_date", until, moment), "allowEmptyValue": True}
    names = {"type": "array", "items": {"type": "string", "enum": list(metrics.NAMES)}, "minItems": 1}
    parameters = [
        {
            **_asked("metrics", "Names, with commas between.", names),
            "required": True,
            "style": "form",
            "explode": False,
        },
        {**begin, "required": True},
        end,
        _asked("time", "global: all as one.", {"type": "string", "enum": list(dates.TIMES), "default": dates.GLOBAL}),
        _asked("page", f"{PAGE} hours or days a page.", {"type": "integer", "minimum": 1, "default": 1}),
        _asked(
            "tz",
            "The zone in which hours and days begin.",
            {"type": "string", "default": "UTC", "examples": ["Europe/Paris"]},
        ),
    ]
    page = {
        "entities": {
            "type": "object",
            "description": "By the beginning of each hour or day, or `global`: the metrics that were asked for.",
            "additionalProperties": {"type": "object", "additionalProperties": {"type": "object"}},
        },
        "from_date": moment,
        "to_date": moment,
        "time": text,
        "total_results": count,
        "nb_of_pages": count,
        "page": count,
        "next_page": {"type": "string", "description": "The URL of the next page; empty on the last one."},
    }
    used = {
        "plan": text,
        "period": {"type": ["string", "null"], "enum": ["day", "month", None]},
        "used": {"type": "number", "description": "Seconds of this period."},
        "limit": {"type": ["number", "null"], "description": "Seconds of a period; null: none."},
        "resets_at": {"type": ["string", "null"], "format": "date-time"},
        "days": {
            "type": "object",
            "description": "Seconds of each service, by day of the stream's zone.",
            "additionalProperties": {"type": "object", "additionalProperties": number},
        },
    }
    usage_ = _operation("Get what a stream has used of its plan", [begin, end], used, "jwt", "basic")
    return {
        "paths": {
            "/api/1/entities": {
                "get": _operation("Get what was heard and who was there, by hour or day", parameters, page, "jwt")
            },
            "/api/1/usage": {"get": usage_},
        }
    }


def _asked(name: str, description: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _operation(summary: str, parameters: list[Schema], answer: Schema, *ways: str) -> Schema:
    schema = {"type": "object", "properties": answer, "required": list(answer)}
    return {
        "summary": summary,
        "tags": [data.TAG],
        "security": [{way: []} for way in ways],
        "parameters": parameters,
        "responses": {
            "200": {"description": "OK", "content": {"application/json": {"schema": schema}}},
            "400": data.ERROR,
        },
    }
