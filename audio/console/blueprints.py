"""Registers the console with the application: its pages, the data API, and browsers led in."""

from __future__ import annotations

from flask import Flask

from audio.console import (  # noqa: F401  (each puts its pages into the blueprint)
    account,
    dashboard,
    data,
    entities,
    hooks,
    live,
    pages,
    people,
    sign_in,
    stream,
    streams,
)
from audio.console.event_access import Readers


def register(app: Flask) -> None:
    """Put the console into the gateway's application. Its blueprints say for themselves who may come."""
    app.extensions["own_authentication"] |= {"console", "data"}
    app.extensions["ways_in"].append(data.way_in)
    app.extensions["event_readers"].append(Readers(app.extensions["audio"]))
    app.extensions["operations"] += [data.operations, entities.operations]
    app.before_request(pages.lead_browsers_in)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(data.blueprint)
