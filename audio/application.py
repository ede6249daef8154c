"""The whole application: every room that stands on the engine, put together."""

from __future__ import annotations

from flask import Flask

from audio.console import blueprints
from audio.console.hooks import Hooking
from audio.engine.config import Settings
from audio.engine.engine import Engine
from audio.events import signing, targets
from audio.events.publishers import Publishers
from audio.gateway import app as gateway


def create_app(settings: Settings) -> Flask:
    """The application. Its Engine (`app.extensions["audio"]`) is opened by whoever runs it, after the last fork."""
    app = gateway.create_app(settings)
    blueprints.register(app)
    allowed = targets.networks(settings.webhook_networks)
    app.extensions["hooking"] = Hooking(lambda url: targets.check(url, allowed), signing.new_secret)
    engine: Engine = app.extensions["audio"]
    engine.companions.append(Publishers())
    return app
