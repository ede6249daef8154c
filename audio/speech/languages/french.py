"""French, as said in France."""

from __future__ import annotations

import re

from num2words import num2words

from audio.speech.languages.language import ROMAN, Language, money, nouns, pairs, roman, short_names

_MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
_ANY_MONTH = "|".join(_MONTHS)


def _cardinal(number: int) -> str:
    return str(num2words(number, lang="fr"))


def _date(day: int, month: int, year: int, before: str) -> str:
    said = f"{'premier' if day == 1 else _cardinal(day)} {_MONTHS[month - 1]}"
    return f"{said} {_cardinal(year)}" if year else said


def _time(hour: int, minute: int) -> str:
    said = "une heure" if hour == 1 else f"{_cardinal(hour)} heure{'s' if hour > 1 else ''}"
    return f"{said} {_cardinal(minute)}" if minute else said


def _nth(match: re.Match[str]) -> str:
    if match["first"]:
        return "première" if match["first"].rstrip("s").endswith("e") else "premier"
    number = int(match["n"]) if match["n"].isdigit() else roman(match["n"])
    return str(num2words(number, lang="fr", to="ordinal"))


def _king(match: re.Match[str]) -> str:
    return f"{match['name']} {_cardinal(roman(match['n']))}"


def _feminine(match: re.Match[str]) -> str:
    return f"{_cardinal(int(match['n']))}e"


_FEMININE = (
    "années?|bouteilles?|cartes?|chambres?|chansons?|chaises?|choses?|erreurs?|étapes?|femmes?|feuilles?|filles?|fois|"
    "heures?|journées?|lettres?|maisons?|minutes?|nuits?|pages?|parties?|personnes?|pièces?|places?|questions?|réponses?|"
    "salles?|secondes?|semaines?|tables?|tasses?|tonnes?|villes?|voitures?"
)
_ABBREVIATIONS = r"""
\bM\.(?=\s+(?:et\b|[A-ZÀÉÈ])) | Monsieur
\bMe(?=\s+[A-ZÀÉÈ][a-zéèêà]) | Maître
24\s?[hH]/24 | vingt-quatre heures sur vingt-quatre
7\s?[jJ]/7 | sept jours sur sept
½(?=\s(?:heure|journée)) | une demi
(\d)\s?M€ | \1 millions d'euros
(\d)\s?M(?:ds?|rds?)\s?€ | \1 milliards d'euros
\bMM\. | Messieurs
\bMme\b\.? | Madame
\bMmes\b\.? | Mesdames
\bMlle\b\.? | Mademoiselle
\bMlles\b\.? | Mesdemoiselles
\bDr\b\.?(?=\s+[A-ZÀÉÈ]) | Docteur
\bPr\b\.?(?=\s+[A-ZÀÉÈ]) | Professeur
\bProf\.(?=\s) | Professeur
\bp\.\s?ex\. | par exemple
\bc\.?-à-d\. | c'est-à-dire
\bav\.\s?J\.?-C\. | avant Jésus-Christ
\bapr?\.\s?J\.?-C\. | après Jésus-Christ
\bav\.(?=\s) | avenue
\bbd\b\.?(?=\s) | boulevard
\bboul\. | boulevard
\betc\. | et cetera
\bn° | numéro
\bN° | Numéro
\bno\.(?=\s?\d) | numéro
\btél\. | téléphone
\bTél\. | Téléphone
\benv\.(?=\s) | environ
\bmin\.(?=\s|$) | minutes
\bp\.(?=\s?\d) | page
\bpp\.(?=\s?\d) | pages
\bSt(?=[- ][A-ZÀÉÈ]) | Saint
\bSte(?=[- ][A-ZÀÉÈ]) | Sainte
\bCie\b\.? | Compagnie
\bjanv\. | janvier
\bfévr\. | février
\bavr\. | avril
\bjuil\. | juillet
\bsept\. | septembre
\boct\. | octobre
\bnov\. | novembre
\bdéc\. | décembre
"""

_UNITS = """
kg | un kilogramme | kilogrammes
g | un gramme | grammes
mg | un milligramme | milligrammes
t | une tonne | tonnes
km | un kilomètre | kilomètres
m | un mètre | mètres
cm | un centimètre | centimètres
mm | un millimètre | millimètres
l L | un litre | litres
ml mL | un millilitre | millilitres
km/h | un kilomètre heure | kilomètres heure
m/s | un mètre par seconde | mètres par seconde
m² | un mètre carré | mètres carrés
m³ | un mètre cube | mètres cubes
km² | un kilomètre carré | kilomètres carrés
°C | un degré Celsius | degrés Celsius
°F | un degré Fahrenheit | degrés Fahrenheit
° | un degré | degrés
min | une minute | minutes
s | une seconde | secondes
ms | une milliseconde | millisecondes
Hz | un hertz | hertz
kHz | un kilohertz | kilohertz
MHz | un mégahertz | mégahertz
GHz | un gigahertz | gigahertz
Ko KB kB | un kilooctet | kilooctets
Mo MB | un mégaoctet | mégaoctets
Go GB | un gigaoctet | gigaoctets
To TB | un téraoctet | téraoctets
W | un watt | watts
kW | un kilowatt | kilowatts
kWh | un kilowatt heure | kilowatts heure
V | un volt | volts
dB | un décibel | décibels
% | un pour cent | pour cent
µm | un micromètre | micromètres
nm | un nanomètre | nanomètres
µg | un microgramme | microgrammes
m2 | un mètre carré | mètres carrés
m3 | un mètre cube | mètres cubes
km2 | un kilomètre carré | kilomètres carrés
ha | un hectare | hectares
cl cL | un centilitre | centilitres
mn | une minute | minutes
Ω | un ohm | ohms
kΩ | un kiloohm | kiloohms
A | un ampère | ampères
mA | un milliampère | milliampères
mAh | un milliampère heure | milliampères heure
mW | un milliwatt | milliwatts
MW | un mégawatt | mégawatts
mV | un millivolt | millivolts
kV | un kilovolt | kilovolts
Wh | un watt heure | watts heure
hPa | un hectopascal | hectopascals
bar | un bar | bars
kcal | une kilocalorie | kilocalories
kJ | un kilojoule | kilojoules
Mbit/s | un mégabit par seconde | mégabits par seconde
Gbit/s | un gigabit par seconde | gigabits par seconde
mmHg | un millimètre de mercure | millimètres de mercure
"""

_CURRENCIES = """
€ EUR | un euro | euros | un centime | centimes
$ US$ USD | un dollar | dollars | un cent | cents
£ GBP | une livre | livres | un penny | pence
¥ JPY | un yen | yens | un sen | sens
CHF | un franc | francs | un centime | centimes
"""

_SHORT_MONTHS = """
janv janvier, jan janvier, févr février, fév février
fev février, avr avril, juil juillet, sept septembre
sep septembre, oct octobre, nov novembre, déc décembre
dec décembre
"""
# What is said before a number to dial, or a code: it is read digit by digit.
_DIAL = (
    r"[Aa]ppelez le|[Aa]ppeler le|[Cc]omposez le|[Tt]éléphone|[Tt]él|[Ff]ax|[Cc]ode|PIN|[Pp]oste|"
    r"[Cc]ode est"
)

_FRENCH = Language(
    numerals="fr",
    number=r"\d{1,3}(?:[ .]\d{3})+(?:,\d+)?(?!\d)|\d+(?:,\d+)?",
    group=r"[. ]",
    decimal=",",
    point="virgule",
    minus="moins",
    to="à",
    against="à",
    dot="point",
    per="par",
    over="sur",
    mixed="et",
    months=_MONTHS,
    date=_date,
    time=_time,
    year=_cardinal,
    money="{whole} {number}",
    currencies=money(_CURRENCIES),
    magnitudes=(
        "mille",
        "million de",
        "millions de",
        "million d'",
        "millions d'",
        "milliard de",
        "milliards de",
        "million",
        "millions",
        "milliard",
        "milliards",
    ),
    units=nouns(_UNITS),
    abbreviations=pairs(_ABBREVIATIONS),
    marks={
        '"': "pouces",
        "-": "tiret",
        "_": "tiret bas",
        "~": "tilde",
        "\\": "antislash",
        "*": "étoile",
        "#": "dièse",
        "?": "point d'interrogation",
        ":": "deux points",
    },
    letters={"Y": "i grec"},
    short_days=short_names("lun lundi, mar mardi, mer mercredi, jeu jeudi, ven vendredi, sam samedi, dim dimanche"),
    short_months=short_names(_SHORT_MONTHS),
    dial=_DIAL,
    symbols={
        "&": "et",
        "+": "plus",
        "=": "égale",
        "@": "arobase",
        "#": "numéro",
        "×": "fois",
        "÷": "divisé par",
        "±": "plus ou moins",
        "%": "pour cent",
        "°": "degrés",
        "§": "paragraphe",
        "½": "un demi",
        "⅓": "un tiers",
        "⅔": "deux tiers",
        "/": "slash",
        "¼": "un quart",
        "¾": "trois quarts",
        "²": "au carré",
        "³": "au cube",
        ">": "supérieur à",
        "<": "inférieur à",
        "≥": "supérieur ou égal à",
        "≤": "inférieur ou égal à",
        "≠": "différent de",
        "≈": "environ",
        "→": "vers",
        "√": "racine carrée de",
        "∞": "l'infini",
        "‰": "pour mille",
        "^": "puissance",
        "$": "dollars",
        "€": "euros",
        "£": "livres",
        "¥": "yens",
        "Ω": "ohm",
        "µ": "micro",
    },
    dates=(
        r"(?P<y>\d{4})(?P<by>[-/])(?P<m>\d{1,2})(?P=by)(?P<d>\d{1,2})",
        r"(?P<d>\d{1,2})(?P<by>[/.-])(?P<m>\d{1,2})(?P=by)(?P<y>\d{4})",
        r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{2})",
        r"(?:(?<=\b[Ll]e )|(?<=\b[Aa]u )|(?<=\b[Dd]u ))(?P<d>\d{1,2})/(?P<m>1[0-2]|0?[1-9])(?![/\d])",
        rf"\b(?P<d>1)\s+(?P<m>{_ANY_MONTH})(?:\s+(?P<y>\d{{4}}))?",
    ),
    times=r"(?P<h>[01]?\d|2[0-3]|24(?=:00))(?:\s?h\s?(?P<m>[0-5]\d)?(?!\w)|:(?P<m2>[0-5]\d)(?::(?P<s>[0-5]\d))?)",
    years=rf"\b(?:[Ee]n|[Dd]epuis|[Jj]usqu'en|année|{_ANY_MONTH})\s+(?P<y>1[1-9]\d\d|20\d\d)(?![\d.,]\d)",
    rules=(
        (
            r"\b(?:[1I](?P<first>ers?|[eè]?res?)|(?P<n>[1-9]\d{0,2}|(?=[XVI])X{0,3}(?:IX|IV|V?I{0,3}))(?:[eè]mes?|es?))\b",
            _nth,
        ),
        (rf"\b(?P<name>[A-ZÀÉÈ][a-zàâçéèêëîïôûü]{{2,}})\s+(?P<n>{ROMAN})", _king),
        (rf"(?<![\w.,])(?P<n>1|[2-6]1)(?=\s(?:{_FEMININE})\b)", _feminine),
    ),
)

LANGUAGES = {"fr-FR": _FRENCH}
