"""`audio streams`: who may use the gateway."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from audio.commands._database import remove, transaction
from audio.errors import BadInput

if TYPE_CHECKING:
    import sqlalchemy as sa

    from audio.stores.streams import Credentials, Stream

HELP = "Make, list, change, rotate and revoke streams: each is a client_id and an access_token"
# Those of audio.stores.plans, which a client has not installed.
_PLANS = ("developer", "enterprise", "unlimited")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = """\
A stream is one source of sound: a robot, a kiosk, a room. Its token is shown once, when it is made or rotated, and
kept as a hash. All of it works while the gateway runs, at once and on every worker.

examples:
  audio streams create kitchen
  audio streams create kitchen --json >kitchen.json
  audio streams rotate kitchen
  audio streams erase kitchen --to-date 2026-11-01
"""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    for name, about, needs_stream, action in (
        ("create", "make a stream and show its credentials", "NAME", _create),
        ("list", "list the streams", None, _list),
        ("rotate", "give a stream a new token; the old one ends at once", "STREAM", _rotate),
        ("revoke", "let a stream in no more", "STREAM", _revoke),
        ("restore", "let a revoked stream in again, with the token that it had", "STREAM", _restore),
        ("set", "change the name, plan, zone, account or keeping of a stream", "STREAM", _set),
        ("erase", "delete the visits and events of a stream, all or those of a period", "STREAM", _erase),
        ("delete", "delete a stream with all its data", "STREAM", _delete),
    ):
        sub = actions.add_parser(name, help=about, description=about)
        if needs_stream:
            sub.add_argument("stream", metavar=needs_stream, help="its name" + (" or client_id" * (action != _create)))
        if action in (_create, _set):
            unlimited, server = ("unlimited", "") if action is _create else (None, None)
            sub.add_argument("--plan", choices=_PLANS, default=unlimited, help="how much it may be heard (unlimited)")
            sub.add_argument("--tz", metavar="ZONE", default=server, help="like Europe/Paris (this machine's)")
            sub.add_argument("--account", metavar="EMAIL", help="whose it is (the first admin's)")
        if action is _set:
            sub.add_argument("--name", metavar="NAME", help="a new name")
            sub.add_argument("--keep-days", type=int, metavar="N", help="how long its events are kept, 1 to 730")
        if action is _erase:
            sub.add_argument("--from-date", metavar="DATE", help="from then on, like 2026-11-28T08:00+01:00")
            sub.add_argument("--to-date", metavar="DATE", help="before then; a time without an offset is in UTC")
        sub.add_argument("--data-dir", metavar="DIR", help="the gateway's data directory")
        sub.add_argument("--json", action="store_true", help="answer in JSON")
        sub.set_defaults(action=action)


def run(args: argparse.Namespace) -> int:
    action: Callable[[argparse.Namespace], None] = args.action
    action(args)
    return 0


def _create(args: argparse.Namespace) -> None:
    from audio.stores import plans, streams, zones

    name, tz = streams.check_name(args.stream), zones.check(args.tz)
    with transaction(args) as connection:
        account_id = _account_id(connection, args.account)
        there = [s for s in streams.find(connection, name) if s.account_id == account_id]
        if there:
            raise BadInput(f"There is a stream '{name}' already, {there[0].client_id}: rotate it for a new token.")
        plans.check_free(connection, plans.PLANS[args.plan], account_id)
        credentials = streams.create(connection, name, account_id=account_id, plan=args.plan, tz=tz)
    _show(args, credentials)


def _list(args: argparse.Namespace) -> None:
    from audio.stores import accounts, streams

    with transaction(args) as connection:
        found = streams.everything(connection)
        emails: dict[str | None, str] = {a.id: a.email for a in accounts.everyone(connection)}
    if args.json:
        print(json.dumps([_fields(s, emails) for s in found]))
        return
    width = max((len(emails.get(s.account_id, "")) for s in found), default=0)
    for s in found:
        made = datetime.fromtimestamp(s.created_at).strftime("%Y-%m-%d %H:%M")
        whose = f"{emails.get(s.account_id, ''):<{width}}  " if width else ""
        state = "active " if s.revoked_at is None else "revoked"
        print(f"{s.client_id}  {made}  {state}  {s.plan:<10}  {whose}{s.name}")
    if not found:
        print("There is no stream yet: audio streams create NAME")


def _rotate(args: argparse.Namespace) -> None:
    from audio.stores import streams

    with transaction(args) as connection:
        credentials = streams.rotate(connection, _one(connection, args.stream).client_id)
    _show(args, credentials)


def _revoke(args: argparse.Namespace) -> None:
    from audio.stores import streams

    with transaction(args) as connection:
        stream = _one(connection, args.stream)
        streams.revoke(connection, stream.client_id)
    _tell(args, stream, f"{stream.name} ({stream.client_id}) is let in no more.", active=False)


def _tell(args: argparse.Namespace, stream: Stream, words: str, **fields: object) -> None:
    print(json.dumps({"client_id": stream.client_id, **fields}) if args.json else words)


def _restore(args: argparse.Namespace) -> None:
    from audio.stores import streams

    with transaction(args) as connection:
        stream = _one(connection, args.stream)
        streams.restore(connection, stream.client_id)
    _tell(args, stream, f"{stream.name} ({stream.client_id}) is let in again.", active=True)


def _set(args: argparse.Namespace) -> None:
    from audio.stores import plans, streams, zones

    with transaction(args) as connection:
        stream = _one(connection, args.stream)
        account_id = _account_id(connection, args.account) if args.account else stream.account_id
        values: dict[str, Any] = {"account_id": account_id}
        if args.name is not None:
            values["name"] = streams.check_name(args.name)
        if args.tz is not None:
            values["tz"] = zones.check(args.tz)
        if args.plan is not None:
            values["plan"] = args.plan
        if args.keep_days is not None:
            values["keep_days"] = streams.check_keep_days(args.keep_days)
        streams.check_free(connection, values.get("name", stream.name), account_id, but=stream.client_id)
        plan = plans.PLANS[values.get("plan", stream.plan)]
        plans.check_free(connection, plan, account_id, but=stream.client_id)
        streams.update(connection, stream.client_id, **values)
    _tell(args, stream, f"{values.get('name', stream.name)} ({stream.client_id}) was changed.")


def _erase(args: argparse.Namespace) -> None:
    from audio.stores import events, visits

    begin, end = _moment(args.from_date, "--from-date", -math.inf), _moment(args.to_date, "--to-date", math.inf)
    if begin >= end:
        raise BadInput("--from-date must lie before --to-date.")
    with transaction(args) as connection:
        stream = _one(connection, args.stream)
        gone = {"visits": visits.erase(connection, stream.client_id, begin, end)}
        gone["events"] = events.erase(connection, stream.client_id, begin, end)
    words = f"{stream.name} ({stream.client_id}): {gone['visits']} visits and {gone['events']} events are deleted."
    _tell(args, stream, words, **gone)


def _moment(text: str | None, option: str, otherwise: float) -> float:
    """A date, or a date and time, as Unix time; UTC where it has no offset."""
    from audio.stores import zones

    if text is None:
        return otherwise
    try:
        return zones.moment(text).timestamp()
    except (ValueError, OverflowError) as exc:
        raise BadInput(f"{option} must be like 2026-11-28 or 2026-11-28T08:00+01:00; '{text}' came.") from exc


def _delete(args: argparse.Namespace) -> None:
    from audio.engine import erase

    with transaction(args) as connection:
        stream = _one(connection, args.stream)
        left = erase.delete(connection, stream)
    remove(args, left)
    _tell(args, stream, f"{stream.name} ({stream.client_id}) is deleted with its data.", deleted=True)


def _account_id(connection: sa.Connection, email: str | None) -> str | None:
    """Of the account of this email, or of the first admin; None where nobody has an account yet."""
    from audio.stores import accounts

    account = accounts.find(connection, email) if email else accounts.first_admin(connection)
    if email and account is None:
        raise BadInput(f"There is no account '{email}'; 'audio accounts list' shows them.")
    return account.id if account else None


def _fields(stream: Stream, emails: dict[str | None, str]) -> dict[str, Any]:
    whose = {"account": emails[stream.account_id]} if stream.account_id in emails else {}
    active = stream.revoked_at is None
    return {"client_id": stream.client_id, "name": stream.name, "active": active, "plan": stream.plan, **whose}


def _one(connection: sa.Connection, name_or_id: str) -> Stream:
    from audio.stores import streams

    found = streams.find(connection, name_or_id)
    if not found:
        raise BadInput(f"There is no stream '{name_or_id}'; 'audio streams list' shows them.")
    if len(found) > 1:
        ids = ", ".join(s.client_id for s in found)
        raise BadInput(f"{len(found)} streams have the name '{name_or_id}': give the client_id instead, one of {ids}.")
    return found[0]


def _show(args: argparse.Namespace, credentials: Credentials) -> None:
    if args.json:
        print(json.dumps({"client_id": credentials.client_id, "access_token": credentials.access_token}))
        return
    print(f"client_id     {credentials.client_id}")
    print(f"access_token  {credentials.access_token}    (shown this once; only its hash is kept)")
