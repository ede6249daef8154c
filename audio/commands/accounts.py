"""`audio accounts`: who may use the console, for those without a browser or locked out."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from audio.commands._database import remove, transaction
from audio.errors import BadInput

if TYPE_CHECKING:
    import sqlalchemy as sa

    from audio.stores.accounts import Account

HELP = "Make, list, disable and delete accounts of the console, and give new passwords"
_WHO = "audio accounts"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = """\
An account signs in to the console with an email and a password. `create` and `password` print one that was made up, or
read one from standard input with --stdin. All of it works while the gateway runs, at once and on every worker.

examples:
  audio accounts create marie@example.org --admin
  audio accounts password marie@example.org          a new password: lifts the lock, ends every sign-in
  audio accounts role paul@example.org admin
"""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    for name, about, action in (
        ("create", "make an account and print its password", _create),
        ("list", "list the accounts", _list),
        ("password", "give an account a new password, which lifts its lock and ends its sign-ins", _password),
        ("role", "make an account admin or user", _role),
        ("disable", "let an account sign in no more; its devices go on", _disable),
        ("enable", "let a disabled account sign in again", _enable),
        ("delete", "delete an account with all its streams and their data", _delete),
    ):
        sub = actions.add_parser(name, help=about, description=about)
        if name != "list":
            sub.add_argument("email", metavar="EMAIL")
        if name == "create":
            sub.add_argument("--admin", action="store_true", help="it may run the gateway; so may the first one anyway")
        if name in ("create", "password"):
            sub.add_argument("--stdin", action="store_true", help="read the password from standard input")
        if name == "role":
            sub.add_argument("role", choices=("admin", "user"))
        sub.add_argument("--data-dir", metavar="DIR", help="the gateway's data directory")
        sub.add_argument("--json", action="store_true", help="answer in JSON")
        sub.set_defaults(action=action)


def run(args: argparse.Namespace) -> int:
    action: Callable[[argparse.Namespace], None] = args.action
    action(args)
    return 0


def _create(args: argparse.Namespace) -> None:
    from audio.engine import passwords
    from audio.stores import accounts

    email = accounts.clean_email(args.email)
    password = _chosen(args, email)
    kept = passwords.hash_password(password)
    with transaction(args) as connection:
        role = accounts.ADMIN if args.admin or not accounts.any_there(connection) else accounts.USER
        account = accounts.create(connection, email, kept, role)
        _note(connection, account, f"made the account {email}, {role}")
    _say(args, account.email, "was made", password=None if args.stdin else password, role=role)


def _list(args: argparse.Namespace) -> None:
    from audio.stores import accounts

    with transaction(args) as connection:
        found = accounts.everyone(connection)
    if args.json:
        print(json.dumps([{"email": a.email, "role": a.role, "active": a.disabled_at is None} for a in found]))
        return
    for a in found:
        made = datetime.fromtimestamp(a.created_at).strftime("%Y-%m-%d %H:%M")
        print(f"{made}  {a.role:<5}  {'active  ' if a.disabled_at is None else 'disabled'}  {a.email}")
    if not found:
        print("There is no account yet: audio accounts create EMAIL --admin, or the console's first page.")


def _password(args: argparse.Namespace) -> None:
    from audio.engine import passwords
    from audio.stores import accounts, attempts, sign_ins

    password = _chosen(args, args.email.strip().lower())
    kept = passwords.hash_password(password)
    with transaction(args) as connection:
        account = _one(connection, args.email)
        accounts.set_password(connection, account.id, kept)
        attempts.clear(connection, account.email)
        sign_ins.end_all(connection, account.id)
        _note(connection, account, f"gave {account.email} a new password")
    _say(
        args,
        account.email,
        "has a new password and is signed out everywhere",
        password=None if args.stdin else password,
    )


def _role(args: argparse.Namespace) -> None:
    from audio.stores import accounts

    with transaction(args) as connection:
        account = _one(connection, args.email)
        accounts.set_role(connection, account.id, args.role)
        _note(connection, account, f"made {account.email} {args.role}")
    _say(args, account.email, f"is {args.role} now", role=args.role)


def _disable(args: argparse.Namespace) -> None:
    from audio.stores import accounts, sign_ins, streams

    with transaction(args) as connection:
        account = _one(connection, args.email)
        accounts.set_disabled(connection, account.id, True)
        sign_ins.end_all(connection, account.id)
        streams.end_tokens_of_account(connection, account.id)
        _note(connection, account, f"disabled {account.email}")
    _say(args, account.email, "signs in no more", active=False)


def _enable(args: argparse.Namespace) -> None:
    from audio.stores import accounts

    with transaction(args) as connection:
        account = _one(connection, args.email)
        accounts.set_disabled(connection, account.id, False)
        _note(connection, account, f"enabled {account.email}")
    _say(args, account.email, "may sign in", active=True)


def _delete(args: argparse.Namespace) -> None:
    from audio.engine import erase
    from audio.stores import streams

    with transaction(args) as connection:
        account = _one(connection, args.email)
        count = len(streams.of_account(connection, account.id))
        left = erase.account(connection, account.id)
        _note(connection, account, f"deleted {account.email}")
    remove(args, left)
    _say(args, account.email, f"and {count} stream(s) are deleted", deleted=True)


def _chosen(args: argparse.Namespace, email: str) -> str:
    """The password of standard input, or a new one."""
    from audio.engine import passwords

    if not args.stdin:
        return passwords.new()
    password = sys.stdin.readline().rstrip("\r\n")
    passwords.check(password, email)
    return password


def _one(connection: sa.Connection, email: str) -> Account:
    from audio.stores import accounts

    found = accounts.find(connection, email)
    if found is None:
        raise BadInput(f"There is no account '{email}'; 'audio accounts list' shows them.")
    return found


def _note(connection: sa.Connection, account: Account, what: str) -> None:
    from audio.stores import account_log

    account_log.add(connection, account.id, _WHO, "", what)


def _say(args: argparse.Namespace, email: str, words: str, *, password: str | None = None, **more: object) -> None:
    if args.json:
        print(json.dumps({"email": email, **more, **({"password": password} if password else {})}))
        return
    print(f"{email} {words}.")
    if password:
        print(f"password  {password}    (shown this once; only its hash is kept)")
