"""English, as said in the United States and in Great Britain."""

from __future__ import annotations

import dataclasses
import re

from num2words import num2words

from audio.speech.languages.english_tables import ABBREVIATIONS, CURRENCIES, UNITS
from audio.speech.languages.language import ROMAN, Language, Noun, money, nouns, pairs, roman, short_names

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_ANY_MONTH = "|".join(_MONTHS)


def _plain(words: str) -> str:
    return words.replace("-", " ").replace(",", "").replace(" and ", " ")


def _british(words: str) -> str:
    return words.replace("-", " ").replace(",", "")


def _ordinal(number: int) -> str:
    return str(num2words(number, lang="en", to="ordinal")).replace("-", " ")


def _year(year: int) -> str:
    if year % 1000 < 10 or year >= 3000:
        return _plain(str(num2words(year, lang="en")))
    high, low = divmod(year, 100)
    if low == 0:
        return f"{_plain(str(num2words(high, lang='en')))} hundred"
    said = _plain(str(num2words(low, lang="en")))
    return f"{_plain(str(num2words(high, lang='en')))} {'oh ' if low < 10 else ''}{said}"


def _american_date(day: int, month: int, year: int, before: str) -> str:
    said = f"{_MONTHS[month - 1]} {_ordinal(day)}"
    return f"{said}, {_year(year)}" if year else said


def _british_date(day: int, month: int, year: int, before: str) -> str:
    article = "" if before.lower() == "the" else "the "
    said = f"{article}{_ordinal(day)} of {_MONTHS[month - 1]}"
    return f"{said}, {_year(year)}" if year else said


def _time(hour: int, minute: int) -> str:
    said = _plain(str(num2words(hour, lang="en")))
    if minute == 0:
        return f"{said} o'clock" if 0 < hour < 13 else f"{said} hundred"
    return f"{said} {'oh ' if minute < 10 else ''}{_plain(str(num2words(minute, lang='en')))}"


def _half_day(match: re.Match[str]) -> str:
    hour, minute = int(match["h"]), int(match["m"] or 0)
    said = _plain(str(num2words(hour, lang="en"))) if minute == 0 else _time(hour, minute)
    return f"{said} {match['half'][0].upper()} M"


def _spelled(match: re.Match[str]) -> str:
    return " ".join(match["letters"] or match["letters2"])


def _state(match: re.Match[str]) -> str:
    """A state and its ZIP code: C A nine zero two one zero."""
    return f"{' '.join(match['letters'])} {' '.join(_plain(str(num2words(int(d), lang='en'))) for d in match['zip'])}"


def _decade(match: re.Match[str]) -> str:
    said = _year(int(match["y"]))
    return f"{said[:-1]}ies" if said.endswith("y") else f"{said}s"


def _nth(match: re.Match[str]) -> str:
    return _ordinal(int(match["n"].replace(",", "")))


def _month_day(match: re.Match[str]) -> str:
    return f"{match['month']} {_ordinal(int(match['d']))}"


def _nineties(match: re.Match[str]) -> str:
    return f"{match['before'] or ''}{_plain(str(num2words(int(match['y']), lang='en')))[:-1]}ies"


def _king(match: re.Match[str]) -> str:
    return f"{match['name']} the {_ordinal(roman(match['n']))}"


def _part(match: re.Match[str]) -> str:
    return f"{match['name']} {num2words(roman(match['n']), lang='en')}"


# Whose number is an ordinal; that of a chapter or a war is not.
_KINGS = (
    "Alexander|Benedict|Catherine|Charles|Edward|Elizabeth|Francis|Frederick|George|Gregory|Henry|James|John|Leo|Louis|"
    "Mary|Napoleon|Nicholas|Paul|Peter|Philip|Pius|Ramses|Richard|Victoria|William"
)
# Whose number is a cardinal. After other names, only one that ends in II or III is surely a number: take IV fluids.
_PARTS = (
    "Act|Appendix|Article|Book|Chapter|Class|Episode|Figure|Grade|Group|Level|Mark|Part|Phase|Schedule|Season|Section|"
    "Stage|Step|Table|Tier|Title|Type|Unit|Version|Volume|War"
)
# Before these, 30s are seconds.
_TIMED = (
    "ads?|break|cap|clips?|clock|countdown|cycle|deadline|delay|exposure|gap|hold|interval|limit|mark|pause|period|"
    "plank|rest|sprint|timeout|timer|videos?|wait|window"
)
# Before these, IT is no pronoun.
_IT = (
    "admin|budget|company|department|experts?|guy|help|industry|infrastructure|manager|people|professionals?|sector|"
    "security|services?|specialists?|staff|support|systems?|teams?"
)
_SHORT_MONTHS = """
Jan January, Feb February, Mar March, Apr April
Jun June, Jul July, Aug August, Sept September
Sep September, Oct October, Nov November, Dec December
"""
# What is said before a number to dial, or a code: it is read digit by digit.
_DIAL = (
    r"[Cc]all|[Dd]ial|[Pp]hone|[Tt]ext|[Ff]ax|[Tt]el|[Cc]ode|PIN|[Pp]asscode|[Ee]xtension|[Ee]xt|"
    r"[Nn]umber is|[Cc]ode is|PIN is"
)

_AMERICAN = Language(
    numerals="en",
    number=r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|(?<!\d)\.\d+",
    group=",",
    decimal=".",
    point="point",
    minus="minus",
    to="to",
    against="to",
    dot="dot",
    per="per",
    over="over",
    mixed="and",
    months=_MONTHS,
    date=_american_date,
    time=_time,
    year=_year,
    money="{whole} and {cents}",
    currencies=money(CURRENCIES),
    magnitudes=("thousand", "million", "billion", "trillion"),
    units=nouns(UNITS),
    abbreviations=pairs(ABBREVIATIONS),
    marks={
        '"': "inch",
        "-": "dash",
        "_": "underscore",
        "~": "tilde",
        "\\": "backslash",
        "*": "star",
        "#": "hash",
        "?": "question mark",
        ":": "colon",
    },
    letters={"A": "eigh"},
    short_days=short_names(
        "Mon Monday, Tue Tuesday, Tues Tuesday, Wed Wednesday, "
        "Thu Thursday, Thur Thursday, Thurs Thursday, Fri Friday, Sat Saturday, Sun Sunday"
    ),
    short_months=short_names(_SHORT_MONTHS),
    dial=_DIAL,
    symbols={
        "&": "and",
        "+": "plus",
        "=": "equals",
        "@": "at",
        "#": "number",
        "×": "times",
        "÷": "divided by",
        "±": "plus or minus",
        "%": "percent",
        "°": "degrees",
        "§": "section",
        "½": "one half",
        "⅓": "one third",
        "⅔": "two thirds",
        "/": "slash",
        "¼": "one quarter",
        "¾": "three quarters",
        "²": "squared",
        "³": "cubed",
        "©": "copyright",
        ">": "is greater than",
        "<": "is less than",
        "≥": "is greater than or equal to",
        "≤": "is less than or equal to",
        "≠": "is not equal to",
        "≈": "about",
        "→": "to",
        "√": "the square root of",
        "∞": "infinity",
        "‰": "per mille",
        "^": "to the power of",
        "$": "dollars",
        "€": "euros",
        "£": "pounds",
        "¥": "yen",
        "Ω": "ohm",
        "µ": "micro",
    },
    dates=(
        r"(?P<y>\d{4})(?P<by>[-/])(?P<m>\d{1,2})(?P=by)(?P<d>\d{1,2})",
        r"(?P<m>\d{1,2})(?P<by>[/-])(?P<d>\d{1,2})(?P=by)(?P<y>\d{4}|\d{2})",
        r"(?<=\b[Oo]n )(?P<m>1[0-2]|0?[1-9])/(?P<d>\d{1,2})(?![/\d])",
    ),
    times=r"(?P<h>[01]?\d|2[0-3]|24(?=:00)):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?",
    years=rf"(?:\b(?:[Ii]n|[Ss]ince|[Uu]ntil|[Ff]rom|[Bb]y|[Bb]efore|[Aa]fter|[Dd]uring|[Yy]ear|{_ANY_MONTH})\s+|"
    rf"\b(?:{_ANY_MONTH})\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+)(?P<y>1[1-9]\d\d|20\d\d)(?![\d,.]\d|%|\s*(?:[a-z]{{1,3}}\b)?/)",
    rules=(
        (rf"\b(?P<name>{_KINGS})\s+(?P<n>{ROMAN})", _king),
        (rf"\b(?P<name>{_PARTS}|(?!The\b)[A-Z][a-z]{{2,}}(?=\s+[VX]*III?\b))\s+(?P<n>{ROMAN})", _part),
        (r"\bIV\b", lambda _: "I V"),  # espeak-ng says "roman four"
        (rf"\b(?P<letters>IT)(?=\s+(?:{_IT})\b)|(?<=\b[Tt]he )(?P<letters2>WHO)\b", _spelled),
        (r"(?<=\d )(?P<letters>AD|CE|BC|BCE)\b|\b(?P<letters2>AD)(?=\s\d)", _spelled),
        (r"(?<=, )(?P<letters>[A-Z]{2}) (?P<zip>\d{5})\b", _state),
        (r"(?P<before>\b[Tt]he )?'(?P<y>[2-9]0)s\b", _nineties),
        (rf"(?P<before>\b[Tt]he )(?P<y>[2-9]0)s\b(?!\s+(?:{_TIMED})\b)", _nineties),
        (r"\b(?P<h>1[0-2]|0?\d)(?:[:.](?P<m>[0-5]\d))?\s?(?P<half>[AaPp])\.?\s?[Mm]\b\.?", _half_day),
        (r"\b(?P<y>1[1-9]\d0|20\d0)'?s\b", _decade),
        (r"\b(?P<n>\d{1,3}(?:,\d{3})+|\d{1,6})(?:st|nd|rd|th)\b", _nth),
        (rf"\b(?P<month>{_ANY_MONTH})\s+(?P<d>[12]\d|3[01]|[1-9])\b(?![\d.:,]\d)", _month_day),
    ),
    finish=_plain,
)

_BRITISH = dataclasses.replace(
    _AMERICAN,
    units={**_AMERICAN.units, "p": Noun("one penny", "pence")},
    date=_british_date,
    dates=(
        r"(?P<y>\d{4})(?P<by>[-/])(?P<m>\d{1,2})(?P=by)(?P<d>\d{1,2})",
        r"(?:(?P<before>[Tt]he)\s+)?(?P<d>\d{1,2})(?P<by>[/.-])(?P<m>\d{1,2})(?P=by)(?P<y>\d{4})",
        r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{2})",
        r"(?<=\b[Oo]n )(?P<d>\d{1,2})/(?P<m>1[0-2]|0?[1-9])(?![/\d])",
        rf"(?:(?P<before>[Tt]he)\s+)?\b(?P<d>[12]\d|3[01]|[1-9])(?:st|nd|rd|th)?\s+(?P<m>{_ANY_MONTH})(?:,?\s+(?P<y>1[1-9]\d\d|20\d\d))?",
    ),
    finish=_british,
)

LANGUAGES = {"en-US": _AMERICAN, "en-GB": _BRITISH}
