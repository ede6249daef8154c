"""What the admin does: accounts, invitations, and the plans of all streams. Nobody else finds these pages."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Response, request
from werkzeug.exceptions import NotFound

from audio.console import links, pages
from audio.console.pages import blueprint
from audio.engine import erase
from audio.engine.erase import Left
from audio.errors import BadInput
from audio.stores import account_log, accounts, invitations, plans, sign_ins, streams, usage, zones
from audio.stores.accounts import Account


@blueprint.get("/accounts")
def people() -> Response:
    _admins_only()
    return _page()


def _admins_only() -> None:
    if not pages.me().is_admin:
        raise NotFound


def _page(status: int = 200, **values: object) -> Response:
    with pages.engine().database.read() as connection:
        everyone = accounts.everyone(connection)
        everything = streams.everything(connection)
        pending = invitations.pending(connection)
        log = account_log.newest(connection, 50)
        used = {s.client_id: usage.of_stream(connection, s) for s in everything}
    return pages.render(
        "people.html",
        status,
        everyone=everyone,
        everything=everything,
        pending=pending,
        log=log,
        used=used,
        names={a.id: a.email for a in everyone},
        plans=plans.PLANS,
        zone=ZoneInfo(zones.of_server()),
        **values,
    )


@blueprint.post("/accounts/invite")
def invite() -> Response:
    _admins_only()
    role = request.form.get("role", "")
    if role not in accounts.ROLES:
        return _page(400, errors={"invite": "A role is admin or user."})
    with pages.engine().database.write() as connection:
        code = invitations.invite(connection, role, pages.me().id)
        pages.note(connection, f"invited a new {role}")
    return _page(link=links.root() + links.path(".register", code=code)[len(links.prefix()) :])


@blueprint.post("/accounts/withdraw")
def withdraw() -> Response:
    _admins_only()
    with pages.engine().database.write() as connection:
        invitations.withdraw(connection, request.form.get("invitation", ""))
        pages.note(connection, "withdrew an invitation")
    return pages.to(".people")


@blueprint.post("/accounts/plan")
def plan() -> Response:
    """Give any stream any plan."""
    _admins_only()
    with pages.engine().database.write() as connection:
        stream = streams.get(connection, request.form.get("stream", ""))
        chosen = plans.PLANS.get(request.form.get("plan", ""))
        if stream is None or chosen is None:
            raise NotFound
        try:
            plans.check_free(connection, chosen, stream.account_id, but=stream.client_id)
        except plans.PlanTaken as exc:
            return _page(409, errors={"plan": exc.message})
        streams.update(connection, stream.client_id, plan=chosen.name)
        pages.note(connection, f"gave {stream.name} the plan {chosen.name}")
    return pages.to(".people")


@blueprint.post("/accounts/<account_id>/<action>")
def change(account_id: str, action: str) -> Response:
    """A role, disabling, enabling and deleting of one account."""
    _admins_only()
    do = _CHANGES.get(action)
    left = Left()
    with pages.engine().database.write() as connection:
        them = accounts.get(connection, account_id)
        if them is None or do is None:
            raise NotFound
        try:
            left = do(connection, them)
        except BadInput as exc:
            return _page(409, errors={"people": exc.message})
        pages.note(connection, f"{action}: {them.email}")
    pages.engine().remove(left)
    return pages.to(".people")


def _role(connection: sa.Connection, them: Account) -> Left:
    accounts.set_role(connection, them.id, request.form.get("role", ""))
    return Left()


def _disable(connection: sa.Connection, them: Account) -> Left:
    accounts.set_disabled(connection, them.id, True)
    sign_ins.end_all(connection, them.id)
    streams.end_tokens_of_account(connection, them.id)
    return Left()


def _enable(connection: sa.Connection, them: Account) -> Left:
    accounts.set_disabled(connection, them.id, False)
    return Left()


def _delete(connection: sa.Connection, them: Account) -> Left:
    if request.form.get("email", "").strip().lower() != them.email:
        raise BadInput(f"To delete it with all its streams, type its email: {them.email}.")
    return erase.account(connection, them.id)


_CHANGES: dict[str, Callable[[sa.Connection, Account], Left]] = {
    "role": _role,
    "disable": _disable,
    "enable": _enable,
    "delete": _delete,
}
