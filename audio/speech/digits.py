"""Numbers that are names: to dial, to pay with, to open a door. They are read digit by digit, in the groups they have.

Conventions: a group is followed by a comma, which engines make a pause of.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from audio.speech.languages import Language

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]

_TELEPHONE = "|".join(
    (
        r"(?<![\w-])\+?\d{1,5}(?:-\d{2,5}){2,}(?![\w-])",
        r"(?<![\w-])\d{3}-\d{4}(?![\w-])",
        r"(?<!\w)\+\d[\d .-]{7,}\d",
        r"(?<!\w)(?:\+?\d{1,3}[ .-]?)?\(\d{2,5}\)[ .-]?\d{2,8}(?:[ .-]\d{2,5})*",
        r"(?<![\w.,/])0\d{1,5}[/-]\d{3,}(?: \d{2,5})*(?![\w/])",
        r"(?<![\w.,/])0\d{1,4}(?: \d{2,8})+(?![\w/]|[.,]\d)",
        r"(?<![\w.,])(?:1[ .])?\d{3}(?P<gap>[. ])\d{3}(?P=gap)\d{4}(?![\w]|[.,]\d)",
        r"(?<![\w.,])\d{2,4}(?:\.\d\d){3,4}(?![\w]|[.,]\d)",
        r"(?<![\w.,])3\d\d \d{6,7}(?![\w]|[.,]\d)",
    )
)
_CARD = r"(?<![\w.,-])(?:\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?:\1\d{1,3})?|\d{4}([ -])\d{6}\2\d{5})(?![\w]|[.,-]\d)"
_BOOK = r"(?<![\w-])97[89]-\d{1,5}-\d{1,7}-\d{1,7}-\d(?![\w-])"
_ACCOUNT = r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){3,7}(?: ?[A-Z\d]{1,4})?(?!\w)"
_PAIRS = re.compile(r"(?<![\w.,])0\d(?:[ .]\d\d){4}(?![\w]|[.,]\d)")
# Longer numbers without a sign between are no amounts, unless they are round.
_BARE = re.compile(r"(?<![\w.,])(?!\d+000(?!\d))\d{10,12}(?![\w]|[.,]\d)")


def rules(language: Language) -> list[Rule]:
    """From what is most to what is least special."""

    def groups(match: re.Match[str]) -> str:
        return ", ".join(language.digits(g) for g in re.findall(r"\d+", match.group()))

    def account(match: re.Match[str]) -> str:
        written = match.group()
        parts = written.split(" ") if " " in written else re.findall(".{1,4}", written)
        return ", ".join(" ".join(language.cardinal(int(c)) if c.isdigit() else c for c in part) for part in parts)

    def code(match: re.Match[str]) -> str:
        return f"{match['dial']} {groups(match)}"

    def keys(match: re.Match[str]) -> str:
        said = (language.cardinal(int(c)) if c.isdigit() else language.marks[c] for c in match.group())
        return " ".join(said)

    dialled = rf"\b(?P<dial>(?:{language.dial})\.?:?) (?P<n>\d{{3,}}(?: \d{{2,}})*)(?![\w]|[.,:/]\d| ?[%°€$£])"
    found: list[Rule] = [(_PAIRS, lambda m: ", ".join(_pair(language, p) for p in re.split(r"[ .]", m.group())))]
    found += [(re.compile(_ACCOUNT), account)]
    found += [(re.compile(pattern), groups) for pattern in (_CARD, _BOOK, _TELEPHONE)]
    found += [(re.compile(r"(?<!\w)[*#]\d[\d*#]*[*#](?!\w)|(?<!\w)\*\d+\b"), keys)]
    return [*found, (re.compile(dialled), code), (_BARE, groups)]


def _pair(language: Language, pair: str) -> str:
    """Two digits as France says them: zéro six, douze."""
    return language.digits(pair) if pair[0] == "0" else language.cardinal(int(pair))
