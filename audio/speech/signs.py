"""Signs between numbers and words: each has a word of the language, unless it is only ornament.

Goal: 5 > 3, 120/80, $20/month and 2^10 keep what their signs say; quotes of mail, arrows, blanks to fill in and
emphasis by asterisks do not become mathematics. Conventions: what a language says is in its `symbols` and `marks`;
`first` rules run before numbers are said, `last` makes words of what is left.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from audio.speech.languages import Language
from audio.speech.languages.language import alternatives

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]

_SPELLINGS = [
    (r"(?m)^\s*>+(?!\s*[=\d])\s*", ""),  # what mail quotes
    (r"!=|=/=|(?<=\w )<>(?= \w)", "≠"),
    (r">=|=>(?=\s*\d)", "≥"),
    (r"<=(?!=)", "≤"),
    (r"<?[-=]+>", " → "),
    (r"\+/-|\+-(?=\s?\d)", "±"),
    (r"~=|(?<![\w/~])~\s?(?=[\d$€£¥])", "≈ "),
    (r"(?<=\w)\*\*(?=[\w(-])", "^"),
    (r"(?<=\d)\*(?=[\d(])|(?<=[\w)]) \* (?=[\w(])", " × "),
    (r"(?<=\d)\s?·\s?(?=\d)", " × "),
    (r"==+", "="),
    (r"([<>~*|\\_-])\1+(?![\w])|(?<!\w)([<>~*|\\_])\2+", " "),
    (r"(?<=[\w)])\^\(?([\d-]+)\)?", r"^\1"),
    (r"(?<=\w) \| (?=\w)", ", "),
    (r"(?<=\d)\s?(?=[<>≥≤≠≈]\s?\d)", " "),
]
# Between these a slash stands for nothing but itself: and/or.
_JOINED = re.compile(r"\b(and|und|y|o|e|et|ed)/(or|oder|o|u|ou|od)\b")
_WORD = r"[^\W\d_]"


def first(language: Language) -> list[Rule]:
    """Signs that have to be told from ornament while the digits around them are there."""
    spellings: list[Rule] = [(re.compile(p), lambda m, by=by: m.expand(by)) for p, by in _SPELLINGS]  # type: ignore[misc]
    return [*spellings, (_JOINED, lambda m: f"{m[1]} {m[2]}"), *_minutes(language), *_powers(language)]


def slashes(language: Language) -> list[Rule]:
    """An amount for something ($20/month, 3 €/kg), and two numbers (120/80)."""
    units = {short: noun.one.split(" ", 1)[-1] for short, noun in language.units.items() if len(short) < 4}
    compound = [u for u in language.units if "/" in u]
    amount = (
        rf"(?:[{_signs(language)}]\s?(?:{language.number})|(?<![\w.,])(?:{language.number})\s?"
        rf"(?:{alternatives([*language.units, *language.currencies])})|\d {_WORD}{{3,}}|(?<!\w)[{_signs(language)}])"
    )

    def say(match: re.Match[str]) -> str:
        before = match["amount"]
        if any(before.endswith(u.rpartition("/")[0]) and u.endswith(f"/{match['each']}") for u in compound):
            return match.group()
        if before in language.currencies:
            before = language.currencies[before].unit.many
        return f"{before} {language.per} {units.get(match['each'], match['each'])}"

    each = rf"(?P<each>{_WORD}+[²³]?)(?![\w/])"
    return [
        (re.compile(rf"(?P<amount>{amount})\s?/\s?{each}"), say),
        (re.compile(r"(?<=\d)\s?/\s?(?=\d)"), lambda _: f" {language.over} "),
    ]


def last(language: Language) -> list[Rule]:
    """What is left: a word for each sign, and none for brackets and ornament."""
    return [
        (re.compile(r"(?<=\w)[_](?=\w)|(?<=\w)\\(?=\w)"), lambda m: f" {language.marks[m.group()]} "),
        (re.compile(r"(?<!\w)[<>^](?!\s?[\w(.+–-])|(?<![\s\w)%°])[<>^](?!\w)|^[\^]"), lambda _: " "),
        (
            re.compile(f"[{re.escape(''.join(language.symbols))}]"),
            lambda m: f" {language.symbols[m.group()]} ",
        ),
        (re.compile(r"[\[\]{}<>|\\^~_*]+"), lambda _: " "),
    ]


def _signs(language: Language) -> str:
    return re.escape("".join(s for s in language.currencies if len(s) == 1))


def _powers(language: Language) -> list[Rule]:
    """x^2 as x², 10^-6 with its minus."""
    named = {"2": "²", "3": "³"}
    return [
        (re.compile(r"(?<=\w)\^([23])(?![\d.,]\d|\d)"), lambda m: named[m[1]]),
        (re.compile(r"\^-(?=\d)"), lambda _: f" {language.symbols['^']} {language.minus} "),
        (re.compile(r"(?<=[\w)])\s?\^\s?(?=[\w(])"), lambda _: f" {language.symbols['^']} "),
    ]


def _minutes(language: Language) -> list[Rule]:
    """Minutes and seconds of an arc, feet and inches, and the inches of a screen where the mark closes no quotation."""
    arc = re.compile(r"(?<=\d)°\s?(\d{1,2})'(?:\s?(\d{1,2}(?:[.,]\d+)?)\")?")
    feet = re.compile(r"(?<![\w.,'])(\d{1,2})'\s?(\d{1,2})(?:\"|'')?(?![\w'])")

    def screen(match: re.Match[str]) -> str:
        line = match.string[match.string.rfind("\n", 0, match.start()) + 1 : match.start()]
        return match.group() if line.count('"') % 2 else f"{match[1]} {language.marks[match[0][-1]]}"

    found: list[Rule] = [(arc, lambda m: f"° {m[1]} min" + (f" {m[2]} s" if m[2] else ""))]
    if "ft" in language.units:
        found.append((feet, lambda m: f"{m[1]} ft {m[2]}"))
    return [*found, (re.compile(r"(?<![\w.,])(\d{1,3}(?:[.,]\d)?)\"(?!\w)"), screen)]
