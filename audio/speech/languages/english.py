"""English, as said in the United States and in Great Britain."""

from __future__ import annotations

import dataclasses
import re

from num2words import num2words

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
_MONTH_LETTERS = "Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec"
_BY_LETTERS = {month[:3]: month for month in _MONTHS} | {"Sept": "September"}


def _month(match: re.Match[str]) -> str:
    return _BY_LETTERS[match["m"] or match["m2"]]


_ABBREVIATIONS = r"""
([$€£¥])\s?-(?=\d) | -\1
([$€£¥]\s?\d[\d,]*(?:\.\d+)?)\s?(?:M|m|mn)\b | \1 million
([$€£¥]\s?\d[\d,]*(?:\.\d+)?)\s?(?:B|b|bn)\b | \1 billion
([$€£¥]\s?\d[\d,]*(?:\.\d+)?)\s?(?:T|tn)\b | \1 trillion
([$€£¥]\s?\d[\d,]*(?:\.\d+)?)\s?[Kk]\b | \1 thousand
\bC#(?!\w) | C sharp
\bWWII\b | World War Two
\bWWI\b | World War One
\bDr\.(?=\s+[A-Z]) | Doctor
(?<=[a-z] )Dr\b\.? | Drive
\bMr\b\.? | Mister
\bMrs\. | Mrs
\bMs\b\.? | Miss
\b(\d+ (?:[A-Z]\w+ )+)St\. | \1Street
\bProf\.(?=\s+[A-Z]) | Professor
\bSt\.(?=\s+[A-Z]) | Saint
(?<=[a-z] )St\b\. | Street
\bAve\b\.? | Avenue
\bBlvd\b\.? | Boulevard
\bRd\b\. | Road
\bMt\.(?=\s+[A-Z]) | Mount
\bFt\.(?=\s+[A-Z]) | Fort
\bJr\b\.? | Junior
\bSr\b\.? | Senior
\bGen\.(?=\s+[A-Z]) | General
\bCapt\.(?=\s+[A-Z]) | Captain
\bLt\.(?=\s+[A-Z]) | Lieutenant
\bCol\.(?=\s+[A-Z]) | Colonel
\bSgt\.(?=\s+[A-Z]) | Sergeant
\bRev\.(?=\s+[A-Z]) | Reverend
\bGov\.(?=\s+[A-Z]) | Governor
\bSen\.(?=\s+[A-Z]) | Senator
\bRep\.(?=\s+[A-Z]) | Representative
\b[Nn]os?\.(?=\s*\d) | number
\bvs?\.(?=\s) | versus
\betc\. | et cetera
\be\.\s?g\. | for example
\bi\.\s?e\. | that is
\bapprox\. | approximately
\bdept\. | department
\bDept\. | Department
\best\.(?=\s) | established
\bmin\.(?=\s|$) | minutes
\bhrs?\. | hours
\bsec\.(?=\s|$) | seconds
\bInc\. | Incorporated
\bLtd\b\.? | Limited
\bCorp\. | Corporation
\bCo\.(?=\s|$) | Company
\bp\.(?=\s?\d) | page
\bpp\.(?=\s?\d) | pages
\bvol\.(?=\s?\d) | volume
\bfig\.(?=\s?\d) | figure
\bPhD\b | P H D
\bPh\.\s?D\. | P H D
\bU\.S\.A\. | USA
\bU\.S\.(?=\s) | U S
\bU\.K\.(?=\s) | UK
\bJan\. | January
\bFeb\. | February
\bMar\.(?=\s\d) | March
\bApr\. | April
\bAug\. | August
\bSept?\. | September
\bOct\. | October
\bNov\. | November
\bDec\. | December
\bMon\.(?=,|\s) | Monday
\bTues?\. | Tuesday
\bWed\. | Wednesday
\bThurs?\. | Thursday
\bFri\. | Friday
\bSat\.(?=,|\s) | Saturday
\bSun\.(?=,|\s) | Sunday
"""

_UNITS = """
kg | one kilogram | kilograms
g | one gram | grams
mg | one milligram | milligrams
lb lbs | one pound | pounds
oz | one ounce | ounces
km | one kilometer | kilometers
m | one meter | meters
cm | one centimeter | centimeters
mm | one millimeter | millimeters
mi | one mile | miles
ft | one foot | feet
yd | one yard | yards
l L | one liter | liters
ml mL | one milliliter | milliliters
km/h kph | one kilometer per hour | kilometers per hour
mph | one mile per hour | miles per hour
m/s | one meter per second | meters per second
m² | one square meter | square meters
m³ | one cubic meter | cubic meters
km² | one square kilometer | square kilometers
°C | one degree Celsius | degrees Celsius
°F | one degree Fahrenheit | degrees Fahrenheit
° | one degree | degrees
h hr hrs | one hour | hours
min | one minute | minutes
s sec | one second | seconds
ms | one millisecond | milliseconds
Hz | one hertz | hertz
kHz | one kilohertz | kilohertz
MHz | one megahertz | megahertz
GHz | one gigahertz | gigahertz
KB kB | one kilobyte | kilobytes
MB | one megabyte | megabytes
GB | one gigabyte | gigabytes
TB | one terabyte | terabytes
W | one watt | watts
kW | one kilowatt | kilowatts
kWh | one kilowatt hour | kilowatt hours
V | one volt | volts
mAh | one milliamp hour | milliamp hours
dB | one decibel | decibels
% | one percent | percent
¢ | one cent | cents
"""

_CURRENCIES = """
$ US$ USD CA$ AU$ NZ$ HK$ | one dollar | dollars | one cent | cents
€ EUR | one euro | euros | one cent | cents
£ GBP | one pound | pounds | one penny | pence
¥ JPY | one yen | yen | one sen | sen
₹ INR | one rupee | rupees | one paisa | paise
CHF | one franc | francs | one centime | centimes
"""

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
    currencies=money(_CURRENCIES),
    magnitudes=("thousand", "million", "billion", "trillion"),
    units=nouns(_UNITS),
    abbreviations=pairs(_ABBREVIATIONS),
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
        (rf"\b(?P<name>(?!The\b)[A-Z][a-z]{{2,}})\s+(?P<n>{ROMAN})", _part),
        (rf"\b(?P<m>{_MONTH_LETTERS})\b\.?(?=\s+\d)|(?<=\d )(?P<m2>{_MONTH_LETTERS})\b\.?", _month),
        (r"(?P<before>\b[Tt]he )?'(?P<y>[2-9]0)s\b", _nineties),
        (r"(?P<before>\b[Tt]he )(?P<y>[2-9]0)s\b", _nineties),
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
