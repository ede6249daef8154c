"""Italian."""

from __future__ import annotations

import re

from num2words import num2words

from audio.speech.languages.language import (
    ROMAN,
    SHORT_ROMAN,
    Language,
    money,
    not_after,
    nouns,
    pairs,
    roman,
    short_names,
)

_MONTHS = (
    "gennaio",
    "febbraio",
    "marzo",
    "aprile",
    "maggio",
    "giugno",
    "luglio",
    "agosto",
    "settembre",
    "ottobre",
    "novembre",
    "dicembre",
)
_ANY_MONTH = "|".join(_MONTHS)


def _parted(words: str) -> str:
    """Long numerals in words that engines stress as such: trecento sessantacinque."""
    return re.sub(r"(cento(?!tt)|mille|mila)(?=\w)", r"\1 ", words)


def _cardinal(number: int) -> str:
    return _parted(str(num2words(number, lang="it")))


def _date(day: int, month: int, year: int, before: str) -> str:
    said = f"{'primo' if day == 1 else _cardinal(day)} {_MONTHS[month - 1]}"
    return f"{said} {_cardinal(year)}" if year else said


def _time(hour: int, minute: int) -> str:
    said = "una" if hour == 1 else _cardinal(hour)
    return f"{said} e {_cardinal(minute)}" if minute else said


def _nth(match: re.Match[str]) -> str:
    said = str(num2words(int(match["n"]), lang="it", to="ordinal"))
    return re.sub(r"o$", "a", said) if match["end"] == "ª" else said


def _one(match: re.Match[str]) -> str:
    """One of something, by how its noun begins and ends: un uomo, uno zaino, un'ora, una casa."""
    noun = match["noun"]
    if noun.endswith(("a", "zione", "sione", "tà")) and noun not in ("problema", "programma", "sistema", "tema"):
        return f"un'{noun}" if noun[0] in "aeiou" else f"una {noun}"
    return f"uno {noun}" if re.match(r"s[^aeiou]|z|gn|ps|x|y", noun) else f"un {noun}"


# A number after these is a name, and counts nothing.
_LABELS = (
    "articolo|binario|camera|canale|capitolo|domanda|episodio|esercizio|fase|figura|giorno|gruppo|il|lezione|linea|"
    "livello|numero|opzione|pagina|parte|passo|piano|porta|sala|stagione|tabella|tipo|versione|volo|volume"
)


def _century(match: re.Match[str]) -> str:
    return f"{_ordinal(match)} secolo"


def _king(match: re.Match[str]) -> str:
    feminine = match["name"].endswith("a") and match["name"] not in ("Andrea", "Luca")
    said = _ordinal(match)
    return f"{match['name']} {re.sub(r'o$', 'a', said) if feminine else said}"


def _ordinal(match: re.Match[str]) -> str:
    return str(num2words(roman(match["n"]), lang="it", to="ordinal"))


_ABBREVIATIONS = r"""
\bS\.p\.A\. | S P A
\bS\.r\.l\. | S R L
\b[nN]°\s?(?=\d) | numero
½(?=\s(?:ora|tazza|bottiglia)) | mezza
(\d)\s?M€ | \1 milioni di euro
\bSig\.ra\b | signora
\bSig\.na\b | signorina
\bSigg\. | signori
\bSig\. | signor
\bsig\.ra\b | signora
\bsig\. | signor
\bDott\.ssa\b | dottoressa
\bdott\.ssa\b | dottoressa
\bDott\. | dottor
\bdott\. | dottor
\bDr\. | dottor
\bProf\.ssa\b | professoressa
\bprof\.ssa\b | professoressa
\bProf\. | professor
\bprof\. | professor
\bIng\. | ingegner
\bAvv\. | avvocato
\bArch\.(?=\s+[A-Z]) | architetto
\bGeom\. | geometra
\bOn\.(?=\s+[A-Z]) | onorevole
\bS\.(?=\s+[A-Z][a-z]) | San
\bp\.\s?es\. | per esempio
\bad\s?es\. | ad esempio
\becc\. | eccetera
\betc\. | eccetera
\ba\.\s?C\. | avanti Cristo
\bd\.\s?C\. | dopo Cristo
\bpagg\. | pagine
\bpag\. | pagina
\btel\. | telefono
\bTel\. | Telefono
\bca\. | circa
\bmin\.(?=\s|$) | minuti
\bn\.(?=\s?\d) | numero
\bN\.(?=\s?\d) | numero
\bV\.le\b | Viale
\bP\.zza\b | Piazza
\bC\.so\b | Corso
\bSpett\. | spettabile
\bgenn\. | gennaio
\bfebbr?\. | febbraio
\bsett\.(?=\s\d) | settembre
\bott\.(?=\s\d) | ottobre
\bnov\.(?=\s\d) | novembre
\bdic\.(?=\s\d) | dicembre
"""

_UNITS = """
kg | un chilogrammo | chilogrammi
g | un grammo | grammi
mg | un milligrammo | milligrammi
t | una tonnellata | tonnellate
km | un chilometro | chilometri
m | un metro | metri
cm | un centimetro | centimetri
mm | un millimetro | millimetri
l L | un litro | litri
ml mL | un millilitro | millilitri
km/h | un chilometro all'ora | chilometri all'ora
m/s | un metro al secondo | metri al secondo
m² mq | un metro quadrato | metri quadrati
m³ | un metro cubo | metri cubi
km² | un chilometro quadrato | chilometri quadrati
°C | un grado Celsius | gradi Celsius
°F | un grado Fahrenheit | gradi Fahrenheit
° | un grado | gradi
h | un'ora | ore
min | un minuto | minuti
s | un secondo | secondi
ms | un millisecondo | millisecondi
Hz | un hertz | hertz
kHz | un chilohertz | chilohertz
MHz | un megahertz | megahertz
GHz | un gigahertz | gigahertz
KB kB | un kilobyte | kilobyte
MB | un megabyte | megabyte
GB | un gigabyte | gigabyte
TB | un terabyte | terabyte
W | un watt | watt
kW | un chilowatt | chilowatt
kWh | un chilowattora | chilowattora
V | un volt | volt
dB | un decibel | decibel
% | uno per cento | per cento
µm | un micrometro | micrometri
nm | un nanometro | nanometri
µg | un microgrammo | microgrammi
m2 | un metro quadrato | metri quadrati
m3 | un metro cubo | metri cubi
km2 | un chilometro quadrato | chilometri quadrati
ha | un ettaro | ettari
cl | un centilitro | centilitri
Ω | un ohm | ohm
kΩ | un chiloohm | chiloohm
A | un ampere | ampere
mA | un milliampere | milliampere
mAh | un milliampere ora | milliampere ora
mW | un milliwatt | milliwatt
MW | un megawatt | megawatt
mV | un millivolt | millivolt
kV | un chilovolt | chilovolt
Wh | un wattora | wattora
CV | un cavallo | cavalli
hPa | un ettopascal | ettopascal
bar | un bar | bar
kcal | una chilocaloria | chilocalorie
kJ | un chilojoule | chilojoule
Mbit/s | un megabit al secondo | megabit al secondo
Gbit/s | un gigabit al secondo | gigabit al secondo
mmHg | un millimetro di mercurio | millimetri di mercurio
"""

_CURRENCIES = """
€ EUR | un euro | euro | un centesimo | centesimi
$ US$ USD | un dollaro | dollari | un centesimo | centesimi
£ GBP | una sterlina | sterline | un penny | pence
¥ JPY | uno yen | yen | un sen | sen
CHF | un franco | franchi | un centesimo | centesimi
"""

_SHORT_MONTHS = """
gen gennaio, genn gennaio, feb febbraio, febbr febbraio
mar marzo, apr aprile, mag maggio, giu giugno
lug luglio, ago agosto, sett settembre, set settembre
ott ottobre, nov novembre, dic dicembre
"""
# What is said before a number to dial, or a code: it is read digit by digit.
_DIAL = (
    r"[Cc]hiami il|[Cc]hiamate il|[Cc]hiama il|[Cc]omponga il|[Tt]elefono|[Tt]el|[Ff]ax|[Cc]odice|PIN|"
    r"[Ii]nterno|[Cc]odice è|[Nn]umero verde"
)

_ITALIAN = Language(
    numerals="it",
    number=r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d+)?",
    group=r"\.",
    decimal=",",
    point="virgola",
    minus="meno",
    to="a",
    against="a",
    dot="punto",
    per="per",
    over="su",
    mixed="e",
    months=_MONTHS,
    date=_date,
    time=_time,
    year=_cardinal,
    money="{whole} e {number}",
    currencies=money(_CURRENCIES),
    magnitudes=(
        "mila",
        "milione di",
        "milioni di",
        "miliardo di",
        "miliardi di",
        "milione",
        "milioni",
        "miliardo",
        "miliardi",
    ),
    units=nouns(_UNITS),
    abbreviations=pairs(_ABBREVIATIONS),
    marks={
        '"': "pollici",
        "-": "trattino",
        "_": "trattino basso",
        "~": "tilde",
        "\\": "barra rovesciata",
        "*": "asterisco",
        "#": "cancelletto",
        "?": "punto interrogativo",
        ":": "due punti",
    },
    short_days=short_names(
        "lun lunedì, mar martedì, mer mercoledì, gio giovedì, ven venerdì, sab sabato, dom domenica"
    ),
    short_months=short_names(_SHORT_MONTHS),
    dial=_DIAL,
    symbols={
        "&": "e",
        "+": "più",
        "=": "uguale a",
        "@": "chiocciola",
        "#": "numero",
        "×": "per",
        "÷": "diviso",
        "±": "più o meno",
        "%": "per cento",
        "°": "gradi",
        "§": "paragrafo",
        "½": "un mezzo",
        "⅓": "un terzo",
        "⅔": "due terzi",
        "/": "barra",
        "¼": "un quarto",
        "¾": "tre quarti",
        "²": "al quadrato",
        "³": "al cubo",
        ">": "maggiore di",
        "<": "minore di",
        "≥": "maggiore o uguale a",
        "≤": "minore o uguale a",
        "≠": "diverso da",
        "≈": "circa",
        "→": "a",
        "√": "radice quadrata di",
        "∞": "infinito",
        "‰": "per mille",
        "^": "elevato a",
        "$": "dollari",
        "€": "euro",
        "£": "sterline",
        "¥": "yen",
        "Ω": "ohm",
        "µ": "micro",
    },
    dates=(
        r"(?P<y>\d{4})(?P<by>[-/])(?P<m>\d{1,2})(?P=by)(?P<d>\d{1,2})",
        r"(?P<d>\d{1,2})(?P<by>[/.-])(?P<m>\d{1,2})(?P=by)(?P<y>\d{4})",
        r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{2})",
        r"(?:(?<=\b[Ii]l )|(?<=\b[Aa]l )|(?<=\b[Dd]al )|(?<=\b[Dd]el ))(?P<d>\d{1,2})/(?P<m>1[0-2]|0?[1-9])(?![/\d])",
        rf"\b(?P<d>1)\s+(?P<m>{_ANY_MONTH})(?:\s+(?P<y>\d{{4}}))?",
    ),
    times=r"(?P<h>[01]?\d|2[0-3]|24(?=:00))(?::|(?<=(?:lle|ore) \d)\.|(?<=(?:lle|ore) \d\d)\.)"
    r"(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?(?!\d|[.,]\d)",
    years=r"\b(?:[Nn]el|[Dd]al|[Aa]l|anno)\s+(?P<y>1[1-9]\d\d|20\d\d)(?![\d.,]\d)",
    finish=_parted,
    rules=(
        (rf"\b(?P<n>{SHORT_ROMAN})\s+secolo\b", _century),
        (rf"\b(?P<name>[A-ZÀÈÉ][a-zàèéìòù]{{2,}})\s+(?P<n>{ROMAN})", _king),
        (r"\b(?P<n>\d{1,3})(?P<end>[ºª°])(?!C|F)", _nth),
        (
            rf"(?<![\w.,]){not_after(_LABELS)}"
            r"1 (?P<noun>(?!(?:alla|che|con|dei|del|della|non|per|sono)\b)[a-zàèéìòù]{3,})\b",
            _one,
        ),
    ),
)

LANGUAGES = {"it-IT": _ITALIAN}
