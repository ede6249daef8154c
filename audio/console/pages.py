"""What all pages share: who is signed in, forms that no other page can send, headers of defence, errors as pages."""

from __future__ import annotations

import hashlib
import hmac
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, current_app, g, make_response, redirect, render_template, request
from werkzeug.exceptions import Forbidden, HTTPException

import audio
from audio.console import charts, links, words
from audio.engine import failures, retention, secret
from audio.engine.engine import Engine
from audio.stores import account_log, accounts, sign_ins
from audio.stores.accounts import Account

blueprint = Blueprint(
    "console", __name__, template_folder="templates", static_folder="static", static_url_path="/static"
)
COOKIE = "audio_session"
# To whom nobody needs to be signed in.
OPEN = frozenset({"console.register", "console.login", "console.static"})
PAGES = (
    (".streams", "Streams"),
    (".dashboards", "Dashboard"),
    (".live", "Live"),
    (".people", "Accounts"),
    (".account", "Account"),
)
_FORM_BYTES = 64 * 1024


class StaleForm(Forbidden):
    """A form whose token is not of this sign-in: it was open for long, or the sign-in is another by now."""

    description = "This page was open while you signed in anew, or for too long. Nothing was done."


class ForeignForm(Forbidden):
    """A form that another page has sent."""

    description = "This request came from another page, not from ours. Nothing was done."


def engine() -> Engine:
    found: Engine = current_app.extensions["audio"]
    return found


def me() -> Account:
    """Who is signed in."""
    account: Account = g.account
    return account


def note(connection: sa.Connection, what: str, account: Account | None = None) -> None:
    """Write into the log what was done, by whoever is signed in or by `account`."""
    who = account or g.get("account")
    account_log.add(connection, who and who.id, who.email if who else "", address(), what)


def address() -> str:
    return request.remote_addr or ""


def render(template: str, status: int = 200, **values: Any) -> Response:
    """A page. errors: sentences by the field of the form that they are about; "" for the form as a whole."""
    values.setdefault("errors", {})
    values.setdefault("typed", request.form)
    return make_response(render_template(f"console/{template}", **values), status)


def to(endpoint: str, **values: Any) -> Response:
    """After a form: on to a page, by GET."""
    return make_response(redirect(links.path(endpoint, **values), 303))


def csrf_token() -> str:
    """Of the cookie that this page's visitor has, or gets with it."""
    return hmac.new(secret.derive(engine().secret, "csrf"), _cookie().encode(), hashlib.sha256).hexdigest()


def set_cookie(response: Response, token: str, *, seconds: int | None = None) -> Response:
    response.set_cookie(
        COOKIE,
        token,
        max_age=seconds,
        path=links.prefix() or "/",
        secure=links.is_https(),
        httponly=True,
        samesite="Lax",
    )
    return response


def sign_in(connection: sa.Connection, account: Account) -> str:
    """A new sign-in of this browser; its token goes into the cookie."""
    return sign_ins.create(connection, account.id, address(), request.headers.get("User-Agent", ""))


def _cookie() -> str:
    """The token that the browser sent; a new one, which signs nobody in, where it sent none."""
    token = request.cookies.get(COOKIE, "")
    if not token:
        token = g.setdefault("new_cookie", sign_ins.new_token())
    return token


@blueprint.before_request
def _who() -> Response | None:
    g.account = None
    if request.endpoint == "console.static":
        return None
    request.max_content_length = _FORM_BYTES
    token = request.cookies.get(COOKIE, "")
    with engine().database.read() as connection:
        found = sign_ins.account_of(connection, token) if token else None
        anybody = found is not None or accounts.any_there(connection)
    if found is not None:
        g.account, worth_noting = found
        if worth_noting:
            with engine().database.write() as connection:
                sign_ins.note_use(connection, token)
    if not anybody and request.endpoint != "console.register":
        return to(".register")
    if g.account is None and request.endpoint not in OPEN:
        return (
            to(".login", next=links.prefix() + request.full_path.rstrip("?"))
            if request.method == "GET"
            else to(".login")
        )
    if request.method == "POST":
        _check_form()
    return None


def _check_form() -> None:
    """Raises where the form was sent by another page, or has no token of this browser."""
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    if not (links.is_own_origin(origin) if origin is not None else site in (None, "same-origin", "none")):
        raise ForeignForm
    if not hmac.compare_digest(request.form.get("csrf_token", "").encode(), csrf_token().encode()):
        raise StaleForm


@blueprint.after_request
def _defend(response: Response) -> Response:
    if request.endpoint == "console.static":
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
    if "new_cookie" in g:
        set_cookie(response, g.new_cookie)
    ancestors = engine().settings.frame_ancestors
    response.headers["Content-Security-Policy"] = (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        f"frame-ancestors {ancestors}"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    microphone = "(self)" if request.endpoint == "console.live" else "()"
    response.headers["Permissions-Policy"] = f"microphone={microphone}"
    return response


@blueprint.context_processor
def _globals() -> dict[str, Any]:
    return {
        "path": links.path,
        "prefix": links.prefix(),
        "csrf_token": csrf_token,
        "account": g.get("account"),
        "version": audio.__version__,
        "now": time.time(),
        "disk_is_short": retention.is_short(Path(engine().settings.data_dir)),
        "least_free": retention.LEAST_FREE // 10**6,
        "words": words,
        "pages": PAGES,
        "charts_meter": charts.meter,
        "month_chart": charts.month,
    }


@blueprint.errorhandler(StaleForm)
def _stale(error: StaleForm) -> Response:
    """The form again with what was typed, passwords apart, to be sent with a token that holds."""
    kept = [(k, v) for k, v in request.form.items(multi=True) if k != "csrf_token" and "password" not in k]
    return render("stale.html", 403, kept=kept, sentence=error.description, action=links.prefix() + request.path)


@blueprint.errorhandler(HTTPException)
def _http(error: HTTPException) -> Response:
    sentence = {
        404: "There is no such page here, or it is not yours.",
        405: "This page does not take this.",
        413: "This is more than a form can hold.",
    }.get(error.code or 500, error.description or error.name)
    return render("error.html", error.code or 500, sentence=sentence)


@blueprint.errorhandler(Exception)
def _any(error: Exception) -> Response:
    body = failures.body_of(error)
    return render("error.html", body["status"], sentence=body["error"])


def wants_page() -> bool:
    """Whether a browser asks: one that would rather have HTML than JSON."""
    accepted = request.accept_mimetypes
    return bool(accepted["text/html"] > accepted["application/json"])


def lead_browsers_in() -> Response | None:
    """A browser that comes to / wants to see something."""
    if request.endpoint == "index" and request.method == "GET" and wants_page():
        return to(".streams")
    return None
