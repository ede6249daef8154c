"""German."""

from __future__ import annotations

import re

from num2words import num2words

from audio.speech.languages.language import ROMAN, Language, money, nouns, pairs, roman, short_names

_MONTHS = (
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
)
_ANY_MONTH = "|".join(_MONTHS)
# After these, an ordinal ends in -n: "am dritten März", but "dritter März".
_OBLIQUE = {"am", "vom", "zum", "beim", "dem", "den", "des", "im", "ab", "bis", "seit"}


def _parted(words: str) -> str:
    """Long numerals in words that engines stress as such: dreihundert fünfundsechzig."""
    return re.sub(r"(hundert|tausend)(?=\w)", r"\1 ", words)


def _cardinal(number: int) -> str:
    return _parted(str(num2words(number, lang="de")))


def _ordinal(number: int, before: str) -> str:
    said = str(num2words(number, lang="de", to="ordinal"))
    if before.lower() in _OBLIQUE:
        return f"{said}n"
    return said if before.lower() in ("der", "die", "das") else f"{said}r"


def _year(year: int) -> str:
    return _parted(str(num2words(year, lang="de", to="year")))


def _date(day: int, month: int, year: int, before: str) -> str:
    said = f"{_ordinal(day, before)} {_MONTHS[month - 1]}"
    said = f"{before} {said}" if before else said
    return f"{said} {_year(year)}" if year else said


def _time(hour: int, minute: int) -> str:
    said = "ein Uhr" if hour == 1 else f"{_cardinal(hour)} Uhr"
    return f"{said} {_cardinal(minute)}" if minute else said


def _nth(match: re.Match[str]) -> str:
    return f"{match['before']} {_ordinal(int(match['n']), match['before'])}"


def _er(match: re.Match[str]) -> str:
    """The nineties: neunziger."""
    number = int(match["n"])
    return f"{_year(number) if 1100 <= number < 2000 else _cardinal(number)}er"


_FEMININE = re.compile(r"\w+(?:e|ung|heit|keit|ion|tät|schaft|ei)|Frau|Stadt|Nacht|Person|Hand")


def _one(match: re.Match[str]) -> str:
    return f"{'eine' if _FEMININE.fullmatch(match['noun']) else 'ein'} {match['noun']}"


def _king(match: re.Match[str]) -> str:
    feminine = match["name"].endswith("a") or match["name"] in ("Elisabeth", "Margarethe")
    said = str(num2words(roman(match["n"]), lang="de", to="ordinal")).capitalize()
    end = "" if match["end"] is None else "."
    return f"{match['name']} {'die' if feminine else 'der'} {said}{end}"


def _part(match: re.Match[str]) -> str:
    return f"{match['name']} {_cardinal(roman(match['n']))}"


_DAYS = dict(
    zip(
        ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"),
        ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
        strict=True,
    )
)
_ANY_DAY = "|".join(_DAYS)


def _days(match: re.Match[str]) -> str:
    return f"{_DAYS[match['first']]} bis {_DAYS[match['last']]}"


_PARTS = "Abschnitt|Akt|Artikel|Band|Kapitel|Klasse|Phase|Stufe|Teil|Typ"
_ABBREVIATIONS = r"""
([a-zäöüß])[/:*_]-?(in(?:nen)?)\b | \1 \2
(\d),[-–](?=\s?(?:€|Euro|EUR)) | \1
§§ | Paragrafen
\bDr\. | Doktor
\bProf\. | Professor
\bHr\. | Herr
\bHrn\. | Herrn
\bFr\.(?=\s+[A-ZÄÖÜ]) | Frau
\bSt\.(?=\s+[A-ZÄÖÜ]) | Sankt
\b([A-ZÄÖÜ]\w+)str\.(?!\w) | \1straße
\bStr\. | Straße
\bNr\. | Nummer
\bAbt\. | Abteilung
\b1\. OG\b | erstes Obergeschoss
\b2\. OG\b | zweites Obergeschoss
\b3\. OG\b | drittes Obergeschoss
\b4\. OG\b | viertes Obergeschoss
(?<=\b[Ii]m )OG\b | Obergeschoss
(?<=\b[Ii]m )EG\b | Erdgeschoss
(?<=\b[Ii]m )UG\b | Untergeschoss
\bTel\. | Telefon
\bz\.\s?B\. | zum Beispiel
\bd\.\s?h\. | das heißt
\bu\.\s?a\. | unter anderem
\bu\.\s?U\. | unter Umständen
\bo\.\s?ä\. | oder ähnlich
\bi\.\s?d\.\s?R\. | in der Regel
\bz\.\s?T\. | zum Teil
\bs\.\s?o\. | siehe oben
\bs\.\s?u\. | siehe unten
\bv\.\s?Chr\. | vor Christus
\bn\.\s?Chr\. | nach Christus
\busw\. | und so weiter
\betc\. | et cetera
\bbzw\. | beziehungsweise
\bca\. | circa
\bevtl\. | eventuell
\bggf\. | gegebenenfalls
\binkl\. | inklusive
\bexkl\. | exklusive
\bvgl\. | vergleiche
\bsog\. | sogenannte
\bbes\. | besonders
\bMio\. | Millionen
\bMrd\. | Milliarden
\bStd\. | Stunden
\bMin\. | Minuten
\bSek\. | Sekunden
\bAbs\. | Absatz
\bBd\. | Band
\bS\.(?=\s?\d) | Seite
\bJh\. | Jahrhundert
\bgeb\. | geboren
\bmax\. | maximal
\bmin\. | mindestens
\bAbb\. | Abbildung
\bHbf\b\.? | Hauptbahnhof
\bMwSt\b\.? | Mehrwertsteuer
\bJan\. | Januar
\bFeb\. | Februar
\bApr\. | April
\bAug\. | August
\bSept?\. | September
\bOkt\. | Oktober
\bNov\. | November
\bDez\. | Dezember
"""

_UNITS = """
kg | ein Kilogramm | Kilogramm
g | ein Gramm | Gramm
mg | ein Milligramm | Milligramm
t | eine Tonne | Tonnen
km | ein Kilometer | Kilometer
m | ein Meter | Meter
cm | ein Zentimeter | Zentimeter
mm | ein Millimeter | Millimeter
l L | ein Liter | Liter
ml mL | ein Milliliter | Milliliter
km/h | ein Kilometer pro Stunde | Kilometer pro Stunde
m/s | ein Meter pro Sekunde | Meter pro Sekunde
m² qm | ein Quadratmeter | Quadratmeter
m³ | ein Kubikmeter | Kubikmeter
km² | ein Quadratkilometer | Quadratkilometer
°C | ein Grad Celsius | Grad Celsius
°F | ein Grad Fahrenheit | Grad Fahrenheit
° | ein Grad | Grad
h | eine Stunde | Stunden
min | eine Minute | Minuten
s | eine Sekunde | Sekunden
ms | eine Millisekunde | Millisekunden
Hz | ein Hertz | Hertz
kHz | ein Kilohertz | Kilohertz
MHz | ein Megahertz | Megahertz
GHz | ein Gigahertz | Gigahertz
KB kB | ein Kilobyte | Kilobyte
MB | ein Megabyte | Megabyte
GB | ein Gigabyte | Gigabyte
TB | ein Terabyte | Terabyte
W | ein Watt | Watt
kW | ein Kilowatt | Kilowatt
kWh | eine Kilowattstunde | Kilowattstunden
V | ein Volt | Volt
dB | ein Dezibel | Dezibel
% | ein Prozent | Prozent
µm | ein Mikrometer | Mikrometer
nm | ein Nanometer | Nanometer
µg | ein Mikrogramm | Mikrogramm
m2 | ein Quadratmeter | Quadratmeter
m3 | ein Kubikmeter | Kubikmeter
km2 | ein Quadratkilometer | Quadratkilometer
ha | ein Hektar | Hektar
cl | ein Zentiliter | Zentiliter
Std | eine Stunde | Stunden
Sek sek | eine Sekunde | Sekunden
Ω | ein Ohm | Ohm
kΩ | ein Kiloohm | Kiloohm
A | ein Ampere | Ampere
mA | ein Milliampere | Milliampere
mAh | eine Milliamperestunde | Milliamperestunden
Ah | eine Amperestunde | Amperestunden
mW | ein Milliwatt | Milliwatt
MW | ein Megawatt | Megawatt
mV | ein Millivolt | Millivolt
kV | ein Kilovolt | Kilovolt
Wh | eine Wattstunde | Wattstunden
PS | ein P S | P S
hPa | ein Hektopascal | Hektopascal
bar | ein Bar | Bar
kcal | eine Kilokalorie | Kilokalorien
kJ | ein Kilojoule | Kilojoule
px | ein Pixel | Pixel
Mbit/s | ein Megabit pro Sekunde | Megabit pro Sekunde
Gbit/s | ein Gigabit pro Sekunde | Gigabit pro Sekunde
mmHg | ein Millimeter Quecksilber | Millimeter Quecksilber
lm | ein Lumen | Lumen
"""

_CURRENCIES = """
€ EUR Euro | ein Euro | Euro | ein Cent | Cent
$ US$ USD | ein Dollar | Dollar | ein Cent | Cent
£ GBP | ein Pfund | Pfund | ein Penny | Pence
¥ JPY | ein Yen | Yen | ein Sen | Sen
CHF Fr. | ein Franken | Franken | ein Rappen | Rappen
"""

_SHORT_MONTHS = """
Jan Januar, Jän Januar, Feb Februar, Mär März
Mrz März, Apr April, Jun Juni, Jul Juli
Aug August, Sept September, Sep September, Okt Oktober
Nov November, Dez Dezember
"""
# What is said before a number to dial, or a code: it is read digit by digit.
_DIAL = (
    r"[Rr]uf|[Aa]nruf|[Nn]otruf|[Ww]ählen Sie|[Ww]ähle|[Tt]elefon|[Tt]el|[Ff]ax|[Cc]ode|PIN|PLZ|"
    r"[Dd]urchwahl|[Hh]andy|[Nn]ummer lautet|[Cc]ode lautet|[Rr]ufen Sie"
)

_GERMAN = Language(
    numerals="de",
    number=r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d+)?",
    group=r"\.",
    decimal=",",
    point="Komma",
    minus="minus",
    to="bis",
    against="zu",
    dot="Punkt",
    per="pro",
    over="zu",
    months=_MONTHS,
    date=_date,
    time=_time,
    year=_year,
    money="{whole} {number}",
    currencies=money(_CURRENCIES),
    magnitudes=("Tausend", "Million", "Millionen", "Milliarde", "Milliarden", "Billion", "Billionen"),
    units=nouns(_UNITS),
    abbreviations=pairs(_ABBREVIATIONS),
    marks={
        '"': "Zoll",
        "-": "Bindestrich",
        "_": "Unterstrich",
        "~": "Tilde",
        "\\": "Backslash",
        "*": "Stern",
        "#": "Raute",
        "?": "Fragezeichen",
        ":": "Doppelpunkt",
    },
    short_days=short_names("Mo Montag, Di Dienstag, Mi Mittwoch, Do Donnerstag, Fr Freitag, Sa Samstag, So Sonntag"),
    short_months=short_names(_SHORT_MONTHS),
    dial=_DIAL,
    symbols={
        "&": "und",
        "+": "plus",
        "=": "gleich",
        "@": "at",
        "#": "Nummer",
        "×": "mal",
        "÷": "geteilt durch",
        "±": "plus minus",
        "%": "Prozent",
        "°": "Grad",
        "§": "Paragraf",
        "½": "einhalb",
        "⅓": "ein Drittel",
        "⅔": "zwei Drittel",
        "/": "Schrägstrich",
        "¼": "ein Viertel",
        "¾": "drei Viertel",
        "²": "hoch zwei",
        "³": "hoch drei",
        ">": "größer als",
        "<": "kleiner als",
        "≥": "größer oder gleich",
        "≤": "kleiner oder gleich",
        "≠": "ungleich",
        "≈": "ungefähr",
        "→": "nach",
        "√": "Wurzel aus",
        "∞": "unendlich",
        "‰": "Promille",
        "^": "hoch",
        "$": "Dollar",
        "€": "Euro",
        "£": "Pfund",
        "¥": "Yen",
        "Ω": "Ohm",
        "µ": "Mikro",
    },
    dates=(
        r"(?P<y>\d{4})(?P<by>[-/])(?P<m>\d{1,2})(?P=by)(?P<d>\d{1,2})",
        rf"(?:\b(?P<before>[A-Za-z]+)\s+)?\b(?P<d>\d{{1,2}})\.\s?(?P<m>\d{{1,2}}|{_ANY_MONTH})(?:\.(?=\s?\d{{4}}|\d\d\b|[,;:)]))?(?:\s?(?P<y>\d{{4}}|(?<=\.)\d\d)\b)?(?!\.?\d)",
    ),
    times=r"(?P<h>[01]?\d|2[0-3]|24(?=[:.]00))(?::(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?(?:\s?Uhr\b)?|\.(?P<m2>[0-5]\d)\s?Uhr\b)",
    years=(
        rf"\b(?:[Ii]n|[Ii]m [Jj]ahre?|[Ss]eit|[Bb]is|[Vv]on|[Vv]or|[Nn]ach|[Jj]ahr|{_ANY_MONTH})"
        r"\s+(?P<y>1[1-9]\d\d)(?![\d.,]\d)"
    ),
    finish=_parted,
    rules=(
        (rf"\b(?P<first>{_ANY_DAY})\.?\s?[-–]\s?(?P<last>{_ANY_DAY})\b\.?", _days),
        (rf"\b(?P<name>(?!(?:{_PARTS})\b)[A-ZÄÖÜ][a-zäöüß]{{2,}})\s+(?P<n>{ROMAN})\.(?P<end>$)?", _king),
        (rf"\b(?P<name>[A-ZÄÖÜ][a-zäöüß]{{2,}})\s+(?P<n>{ROMAN})", _part),
        (r"\b(?P<n>\d{1,4})er\b", _er),
        (r"(?<![\w.,])1 (?P<noun>[A-ZÄÖÜ][a-zäöüß]{2,})\b", _one),
        (
            r"\b(?P<before>[Aa]m|[Vv]om|[Zz]um|[Bb]eim|[Dd]er|[Dd]ie|[Dd]as|[Dd]em|[Dd]en|[Dd]es|[Ii]m)\s+(?P<n>\d{1,3})\.(?=\s+[A-ZÄÖÜ])",
            _nth,
        ),
    ),
)

LANGUAGES = {"de-DE": _GERMAN}
