"""Whether the client of a request is still there: what nobody waits for any more is not computed."""

from __future__ import annotations

from flask import has_request_context, request

from audio.gateway.errors import HttpError


def check() -> None:
    """Raise HttpError where the client of the request at hand has closed its connection: nobody reads the answer.

    A client that closes only its own half counts as gone too: from here both look the same, and HTTP clients do not.
    Another WSGI server than `audio serve` says nothing of it.
    """
    gone = request.environ.get("audio.gone") if has_request_context() else None
    if gone is not None and gone():
        raise client_gone()


def client_gone() -> HttpError:
    return HttpError(499, "client_gone", "The client closed its connection before its turn came.")
