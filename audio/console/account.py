"""One's own account: email, password, where it is signed in, what it did, its end."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from flask import Response, request

from audio.console import pages
from audio.console.pages import blueprint
from audio.console.sign_in import new_password
from audio.engine import erase, passwords
from audio.errors import BadInput
from audio.stores import account_log, accounts, attempts, sign_ins, streams, zones


@blueprint.route("/account", methods=["GET", "POST"])
def account() -> Response:
    if request.method == "GET":
        return _page(typed={}, said=_SAID.get(request.args.get("said", "")))
    action = _ACTIONS.get(request.form.get("action", ""))
    if action is None:
        return _page(400, errors={"": "This form has no known button."})
    try:
        return action()
    except BadInput as exc:
        return _page(400, errors={f"{request.form['action']} {exc.field or ''}".strip(): exc.message})


def _page(status: int = 200, **values: object) -> Response:
    with pages.engine().database.read() as connection:
        places = sign_ins.of_account(connection, pages.me().id)
        log = account_log.newest(connection, 20, pages.me().id)
        count = len(streams.of_account(connection, pages.me().id))
    this = sign_ins.hash_token(request.cookies.get(pages.COOKIE, ""))
    zone = ZoneInfo(zones.of_server())
    return pages.render("account.html", status, places=places, log=log, this=this, zone=zone, count=count, **values)


def _change_email() -> Response:
    email = accounts.clean_email(request.form.get("email", ""))
    _confirm()
    with pages.engine().database.write() as connection:
        accounts.set_email(connection, pages.me().id, email)
        pages.note(connection, f"changed the email to {email}")
    return pages.to(".account", said="email")


def _change_password() -> Response:
    password = new_password(pages.me().email)
    _confirm()
    kept = passwords.hash_password(password)
    with pages.engine().database.write() as connection:
        accounts.set_password(connection, pages.me().id, kept)
        sign_ins.end_all(connection, pages.me().id)
        token = pages.sign_in(connection, pages.me())
        pages.note(connection, "changed the password")
    return pages.set_cookie(pages.to(".account", said="password"), token, seconds=sign_ins.LONGEST_SECONDS)


def _end_sign_in() -> Response:
    with pages.engine().database.write() as connection:
        sign_ins.end(connection, request.form.get("place", ""), pages.me().id)
        pages.note(connection, "ended a sign-in")
    return pages.to(".account", said="place")


def _delete() -> Response:
    _confirm()
    with pages.engine().database.write() as connection:
        left = erase.account(connection, pages.me().id)
        pages.note(connection, "deleted the account")
    pages.engine().remove(left)
    return pages.set_cookie(pages.to(".login"), "", seconds=0)


def _confirm() -> None:
    """Raises BadInput where the form has not the present password. Counted like a sign-in."""
    me = pages.me()
    with pages.engine().database.write() as connection:
        verdict = attempts.take(connection, me.email, pages.address())
    if verdict.wait:
        raise BadInput(f"Too many tries: the next one is taken in {-(-verdict.wait // 60)} min.", field="present")
    if not passwords.verify(me.password_hash, request.form.get("present", "")):
        raise BadInput("This is not your present password.", field="present")
    with pages.engine().database.write() as connection:
        attempts.clear(connection, me.email, pages.address())


_ACTIONS: dict[str, Callable[[], Response]] = {
    "email": _change_email,
    "password": _change_password,
    "end": _end_sign_in,
    "delete": _delete,
}
_SAID = {
    "email": "The email was changed: it is what you sign in with from now on.",
    "password": "The password was changed. Everywhere else you are signed out.",
    "place": "That sign-in was ended.",
}
