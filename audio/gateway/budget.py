"""The bytes that a request takes of its process's budget, given back when it ends."""

from __future__ import annotations

from flask import Flask, current_app, g

from audio.engine.budget import ByteBudget


def take(count: int) -> None:
    """Take so many bytes for the current request, until it ends. Raises Busy."""
    budget: ByteBudget = current_app.extensions["audio"].budget
    budget.take(count)
    g.taken = g.get("taken", 0) + count


def register(app: Flask, budget: ByteBudget) -> None:
    """Give back what a request took when it ends."""
    app.teardown_request(lambda _error: budget.give(g.pop("taken", 0)))
