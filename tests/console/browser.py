"""A browser without scripts: cookies, pages, and forms that are filled in and sent as they stand in the page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import requests

TIMEOUT = 30


class _Forms(HTMLParser):
    """The forms of a page: where each goes, and what it holds before anything is typed."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((given.get("action", ""), {}))
        elif tag == "input" and self.forms and given.get("name") and _counts(given):
            self.forms[-1][1][given["name"]] = given.get("value", "")


def _counts(given: dict[str, str]) -> bool:
    return given.get("type") not in ("radio", "checkbox") or "checked" in given


class Browser:
    """One visitor. Redirects are followed, as browsers do; `reply` is the newest page."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.http = requests.Session()
        self.http.headers["Accept"] = "text/html,application/xhtml+xml,*/*;q=0.8"
        self.reply = requests.Response()

    def get(self, path: str, **more: Any) -> requests.Response:
        self.reply = self.http.get(urljoin(self.root + "/", path.lstrip("/")), timeout=TIMEOUT, **more)
        return self.reply

    def form(self, action: str) -> tuple[str, dict[str, str]]:
        """The form of the newest page whose address ends so: its URL and its fields."""
        parser = _Forms()
        parser.feed(self.reply.text)
        found = [(a, fields) for a, fields in parser.forms if a.endswith(action)]
        assert found, f"no form to {action} among {[a for a, _ in parser.forms]} of {self.reply.url}"
        return urljoin(self.reply.url, found[0][0]), dict(found[0][1])

    def send(self, action: str, /, headers: dict[str, str] | None = None, **typed: str) -> requests.Response:
        """Fill in a form of the newest page and send it."""
        url, fields = self.form(action)
        self.reply = self.http.post(url, data={**fields, **typed}, headers=headers, timeout=TIMEOUT)
        return self.reply

    def shown(self, pattern: str) -> str:
        """What the newest page has in the group of a pattern."""
        found = re.search(pattern, self.reply.text, re.DOTALL)
        assert found, f"no {pattern} in {self.reply.text}"
        return found[1]

    def plant(self, token: str) -> None:
        """Have this cookie, wherever it comes from."""
        self.http.cookies.set("audio_session", token, domain="127.0.0.1", path="/")

    @property
    def cookie(self) -> str:
        return next((c.value or "" for c in self.http.cookies if c.name == "audio_session"), "")
