"""Making an account, signing in and out."""

from __future__ import annotations

from flask import Response, g, request

from audio.console import links, pages
from audio.console.pages import blueprint
from audio.engine import passwords
from audio.errors import BadInput
from audio.stores import accounts, attempts, invitations, sign_ins
from audio.stores.accounts import ADMIN, USER

# One for an unknown email, a wrong password and a disabled account.
_NO_SUCH = "No account has this email and this password."


@blueprint.route("/register", methods=["GET", "POST"])
def register() -> Response:
    if g.account is not None:
        return pages.to(".streams")
    first = _nobody_there()
    way = "setup" if first else pages.engine().settings.registration
    if way == "closed":
        return pages.render("error.html", 403, sentence="No more accounts are made here: ask who runs this gateway.")
    if request.method == "GET":
        return pages.render("register.html", way=way, typed={"code": request.args.get("code", "")})
    wait = _bounded()
    if wait:
        return _too_many("register.html", wait, way=way)
    try:
        token = _make(way)
    except BadInput as exc:
        return pages.render("register.html", 400, way=way, errors={exc.field or "": exc.message})
    return pages.set_cookie(pages.to(".streams"), token, seconds=sign_ins.LONGEST_SECONDS)


def _nobody_there() -> bool:
    with pages.engine().database.read() as connection:
        return not accounts.any_there(connection)


def _make(way: str) -> str:
    """Make the account that the form asks for; the token that signs it in."""
    form = request.form
    kind = invitations.SETUP if way == "setup" else invitations.INVITATION
    if way != "open":
        with pages.engine().database.write() as connection:
            if invitations.peek(connection, form.get("code", ""), kind) is None:
                raise BadInput(_wrong_code(way), field="code")
            # What is typed wrongly besides is no guess.
            attempts.clear(connection, _making(), pages.address())
    email = accounts.clean_email(form.get("email", ""))
    password = new_password(email)
    kept = passwords.hash_password(password)
    with pages.engine().database.write() as connection:
        role = ADMIN if way == "setup" else USER
        if way != "open":
            invitation = invitations.use(connection, form.get("code", ""), kind)
            if invitation is None:  # somebody else was faster
                raise BadInput(_wrong_code(way), field="code")
            role = invitation.role
        account = accounts.create(connection, email, kept, role)
        attempts.clear(connection, _making(), pages.address())
        pages.note(connection, "made the account", account)
        return pages.sign_in(connection, account)


def new_password(email: str) -> str:
    """The new password that a form has twice. Raises BadInput."""
    password = request.form.get("password", "")
    passwords.check(password, email)
    if password != request.form.get("password_again", ""):
        raise BadInput("The two passwords differ.", field="password_again")
    return password


def _wrong_code(way: str) -> str:
    if way == "setup":
        return "This is not the code that 'audio serve' printed at its last start."
    return "This invitation was used already, has expired, or was never made: ask for a new one."


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> Response:
    if g.account is not None:
        return pages.to(".streams")
    wanted = links.page_of_ours(request.values.get("next", ""))
    invites = pages.engine().settings.registration == "open"
    if request.method == "GET":
        return pages.render("login.html", next=wanted, typed={}, invites=invites)
    email = request.form.get("email", "")
    with pages.engine().database.write() as connection:
        verdict = attempts.take(connection, email, pages.address())
        account = accounts.find(connection, email)
    if verdict.wait:
        return _too_many("login.html", verdict.wait, next=wanted, invites=invites)
    usable = account if account and account.disabled_at is None else None
    right = passwords.verify(usable.password_hash if usable else None, request.form.get("password", ""))
    if not right or usable is None:
        with pages.engine().database.write() as connection:
            pages.note(connection, "sign-in failed", account)
        left = f" {verdict.left} of {attempts.OF_EMAIL} tries are left for now." if verdict.left < 4 else ""
        return pages.render("login.html", 401, next=wanted, invites=invites, errors={"": _NO_SUCH + left})
    with pages.engine().database.write() as connection:
        attempts.clear(connection, email, pages.address())
        sign_ins.end(connection, sign_ins.hash_token(request.cookies.get(pages.COOKIE, "")))
        token = pages.sign_in(connection, usable)
        pages.note(connection, "signed in", usable)
    response = pages.to(".streams")
    if wanted:
        response.headers["Location"] = wanted
    return pages.set_cookie(response, token, seconds=sign_ins.LONGEST_SECONDS)


@blueprint.post("/logout")
def logout() -> Response:
    with pages.engine().database.write() as connection:
        sign_ins.end(connection, sign_ins.hash_token(request.cookies.get(pages.COOKIE, "")))
        pages.note(connection, "signed out")
    return pages.set_cookie(pages.to(".login"), "", seconds=0)


def _bounded() -> int:
    """Count an attempt of this address to make an account; the seconds to wait, 0: none."""
    with pages.engine().database.write() as connection:
        return attempts.take(connection, _making(), pages.address()).wait


def _making() -> str:
    """What such an attempt is counted under, in place of an email."""
    return f"making an account from {pages.address()}"


def _too_many(template: str, wait: int, **values: object) -> Response:
    sentence = f"Too many tries: the next one is taken in {-(-wait // 60)} min. Until then nothing is checked."
    response = pages.render(template, 429, errors={"": sentence}, **values)
    response.headers["Retry-After"] = str(wait)
    return response
