"""English, as said in the United States and in Great Britain."""

from __future__ import annotations

import dataclasses
import re

from num2words import num2words

from audio.speech.languages.english_tables import ABBREVIATIONS, CURRENCIES, UNITS
from audio.speech.languages.language import ROMAN, Language, Noun, money, nouns, pairs, roman

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
    return f"{said} {match['half'][0].upper()}M"


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
_MONTH_LETTERS = "Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec"
_BY_LETTERS = {month[:3]: month for month in _MONTHS} | {"Sept": "September"}


def _month(match: re.Match[str]) -> str:
    return _BY_LETTERS[match["m"] or match["m2"]]


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
    slash="slash",
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
        "/": " ",
        "¼": "one quarter",
        "¾": "three quarters",
        "²": "squared",
        "³": "cubed",
        "©": "copyright",
    },
    dates=(
        r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})",
        r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})",
    ),
    times=r"(?P<h>[01]?\d|2[0-3]|24(?=:00)):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?",
    years=rf"(?:\b(?:[Ii]n|[Ss]ince|[Uu]ntil|[Ff]rom|[Bb]y|[Bb]efore|[Aa]fter|[Dd]uring|[Yy]ear|{_ANY_MONTH})\s+|"
    rf"\b(?:{_ANY_MONTH})\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+)(?P<y>1[1-9]\d\d|20\d\d)(?![\d,.]\d|%|\s*(?:[a-z]{{1,3}}\b)?/)",
    rules=(
        (rf"\b(?P<name>{_KINGS})\s+(?P<n>{ROMAN})", _king),
        (rf"\b(?P<name>{_PARTS}|(?!The\b)[A-Z][a-z]{{2,}}(?=\s+[VX]*III?\b))\s+(?P<n>{ROMAN})", _part),
        (r"\bIV\b", lambda _: "I V"),  # espeak-ng says "roman four"
        (rf"\b(?P<m>{_MONTH_LETTERS})\b\.?(?=\s+\d)|(?<=\d )(?P<m2>{_MONTH_LETTERS})\b\.?", _month),
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
        r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})",
        r"(?:(?P<before>[Tt]he)\s+)?(?P<d>\d{1,2})[/.](?P<m>\d{1,2})[/.](?P<y>\d{4})",
        rf"(?:(?P<before>[Tt]he)\s+)?\b(?P<d>[12]\d|3[01]|[1-9])(?:st|nd|rd|th)?\s+(?P<m>{_ANY_MONTH})(?:,?\s+(?P<y>1[1-9]\d\d|20\d\d))?",
    ),
    finish=_british,
)

LANGUAGES = {"en-US": _AMERICAN, "en-GB": _BRITISH}
