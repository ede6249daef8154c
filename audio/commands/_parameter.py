"""The parameters of a service: `--param` for any of them, beside `--baseline` and `--sensitivity`."""

from __future__ import annotations

import argparse
import json
from typing import Any


def add_option(group: Any) -> None:
    group.add_argument(
        "--param",
        metavar="NAME=VALUE",
        type=_parameter,
        action="append",
        default=[],
        help="any other parameter; the value is JSON where it can be, else text",
    )


def given(args: argparse.Namespace) -> dict[str, Any]:
    """What the command line gave, by name; --param wins."""
    named = {"baseline": args.baseline, "sensitivity": args.sensitivity}
    return {**{name: value for name, value in named.items() if value is not None}, **dict(args.param)}


def _parameter(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
