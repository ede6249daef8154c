"""One's own account: email, password, where it is signed in, what it did, its end."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from flask import Response, request

from audio.console import frame
from audio.console.frame import blueprint
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
    with frame.engine().database.read() as connection:
        places = sign_ins.of_account(connection, frame.me().id)
        log = account_log.newest(connection, 20, frame.me().id)
        count = len(streams.of_account(connection, frame.me().id))
    this = sign_ins.hash_token(request.cookies.get(frame.COOKIE, ""))
    zone = ZoneInfo(zones.of_server())
    return frame.render("account.html", status, places=places, log=log, this=this, zone=zone, count=count, **values)


def _change_email() -> Response:
    email = accounts.clean_email(request.form.get("email", ""))
    _confirm()
    with frame.engine().database.write() as connection:
        accounts.set_email(connection, frame.me().id, email)
        frame.note(connection, f"changed the email to {email}")
    return frame.to(".account", said="email")


def _change_password() -> Response:
    password = new_password(frame.me().email)
    _confirm()
    kept = passwords.hash_password(password)
    with frame.engine().database.write() as connection:
        accounts.set_password(connection, frame.me().id, kept)
        sign_ins.end_all(connection, frame.me().id)
        token = frame.sign_in(connection, frame.me())
        frame.note(connection, "changed the password")
    return frame.set_cookie(frame.to(".account", said="password"), token, seconds=sign_ins.LONGEST_SECONDS)


def _end_sign_in() -> Response:
    with frame.engine().database.write() as connection:
        sign_ins.end(connection, request.form.get("place", ""), frame.me().id)
        frame.note(connection, "ended a sign-in")
    return frame.to(".account", said="place")


def _delete() -> Response:
    _confirm()
    with frame.engine().database.write() as connection:
        left = erase.account(connection, frame.me().id)
        frame.note(connection, "deleted the account")
    frame.engine().remove(left)
    return frame.set_cookie(frame.to(".login"), "", seconds=0)


def _confirm() -> None:
    """Raises BadInput where the form has not the present password. Counted like a sign-in."""
    me = frame.me()
    with frame.engine().database.write() as connection:
        verdict = attempts.take(connection, me.email, frame.address())
    if verdict.wait:
        raise BadInput(f"Too many tries: the next one is taken in {-(-verdict.wait // 60)} min.", field="present")
    if not passwords.verify(me.password_hash, request.form.get("present", "")):
        raise BadInput("This is not your present password.", field="present")
    with frame.engine().database.write() as connection:
        attempts.clear(connection, me.email, frame.address())


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
