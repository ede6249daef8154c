"""The list of streams, and a new one."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from flask import Response, request

from audio.console import pages
from audio.console.pages import blueprint
from audio.errors import AudioError, BadInput
from audio.stores import plans, streams, usage, zones
from audio.stores.plans import PLANS, Plan
from audio.stores.streams import Credentials, Stream
from audio.stores.usage import Used

# A stream is heard as long as its last chunk is no older, in s.
ONLINE_SECONDS = 60


@dataclass(frozen=True)
class Shown:
    """A stream as the pages show it. heard: when each service last heard it (UTC, s), in the last day."""

    stream: Stream
    used: Used
    heard: dict[str, float]

    @property
    def last(self) -> float | None:
        return max(self.heard.values(), default=None)

    def is_online(self, now: float) -> bool:
        return self.last is not None and now - self.last < ONLINE_SECONDS


def shown(connection: sa.Connection, found: list[Stream]) -> list[Shown]:
    heard = usage.newest(connection, [s.client_id for s in found])
    return [Shown(s, usage.of_stream(connection, s), heard.get(s.client_id, {})) for s in found]


@blueprint.get("/streams", endpoint="streams")
def list_of_streams() -> Response:
    with pages.engine().database.read() as connection:
        found = shown(connection, streams.of_account(connection, pages.me().id))
    return pages.render("streams.html", found=found, zones=zones)


@blueprint.route("/subscribe", methods=["GET", "POST"])
def subscribe() -> Response:
    if request.method == "GET":
        return _form(typed={})
    try:
        credentials = _create()
    except AudioError as exc:
        return _form(409 if isinstance(exc, plans.PlanTaken) else 400, errors={exc.field or "": exc.message})
    # Shown by the page of the stream's own address, but not reached by it: the token is nowhere but here.
    from audio.console.stream import page

    return page(credentials.client_id, credentials=credentials, is_new=True)


def allowed() -> list[Plan]:
    """The plans that who is signed in may give a stream."""
    if pages.me().is_admin:
        return list(PLANS.values())
    everyone = pages.engine().settings.enterprise == "all"
    return [plan for plan in PLANS.values() if plan.single or (everyone and plan.name == "enterprise")]


def _form(status: int = 200, **values: object) -> Response:
    return pages.render(
        "subscribe.html",
        status,
        plans=PLANS.values(),
        allowed=allowed(),
        zones=sorted(zones.names()),
        server_zone=zones.of_server(),
        **values,
    )


def _create() -> Credentials:
    form, me = request.form, pages.me()
    name, tz = streams.check_name(form.get("name", "")), zones.check(form.get("tz", ""))
    plan = PLANS.get(form.get("plan", ""))
    if plan not in allowed():
        raise BadInput("Choose one of the plans that you may have.", field="plan")
    with pages.engine().database.write() as connection:
        streams.check_free(connection, name, me.id)
        plans.check_free(connection, plan, me.id)
        made = streams.create(connection, name, account_id=me.id, plan=plan.name, tz=tz)
        if plan.single:
            usage.hand_over(connection, me.id, made.client_id)
        pages.note(connection, f"made the stream {name} ({plan.name})")
    return made
