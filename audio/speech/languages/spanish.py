"""Spanish, as said in Spain."""

from __future__ import annotations

import re

from num2words import num2words

from audio.speech.languages.language import (
    ROMAN,
    SHORT_ROMAN,
    Language,
    Noun,
    money,
    not_after,
    nouns,
    pairs,
    roman,
    short_names,
)

_MONTHS = (
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
)


def _cardinal(number: int) -> str:
    return str(num2words(number, lang="es"))


def _date(day: int, month: int, year: int, before: str) -> str:
    said = f"{_cardinal(day)} de {_MONTHS[month - 1]}"
    return f"{said} de {_cardinal(year)}" if year else said


def _time(hour: int, minute: int) -> str:
    said = "una" if hour == 1 else _cardinal(hour)
    return f"{said} y {_cardinal(minute)}" if minute else said


def _nth(match: re.Match[str]) -> str:
    said = str(num2words(int(match["n"]), lang="es", to="ordinal"))
    if match["end"] in ("ª", "a"):
        return re.sub(r"o\b", "a", said)
    return re.sub(r"(primer|tercer)o$", r"\1", said) if match["end"] == "er" else said


def _agree(numeral: str, noun: Noun) -> str:
    """Before a noun, uno is un or una: veintiún euros, veintiuna libras."""
    if noun.one.startswith("una "):
        return re.sub(r"uno$", "una", numeral)
    return re.sub(r"\buno$", "un", re.sub(r"veintiuno$", "veintiún", numeral))


_FEMININE = re.compile(
    r"\w+(?:as?|ción|ciones|dad|dades)|veces|noches|tardes|partes|clases|calles|mujeres|llaves|leyes"
)
_MASCULINE = re.compile(r"(?:día|mapa|problema|programa|sistema|tema|idioma|clima)s?")
# A number after these is a name, and counts nothing.
_LABELS = (
    "al|andén|artículo|calle|canal|capítulo|día|ejercicio|el|episodio|fase|figura|grupo|habitación|lección|línea|nivel|"
    "número|opción|página|parte|paso|piso|planta|pregunta|puerta|sala|tabla|temporada|tipo|tomo|versión|volumen|vuelo"
)
# What begins an amount of money: 5 millones de €.
_AMOUNT = r"(?:mil|millón|(?:mil )?millones)(?: de)? ?(?:[€$£¥]|EUR|USD|GBP|JPY|CHF|US\$)"
_NO_NOUN = "a|al|con|de|del|e|en|es|ni|o|para|por|que|se|seg|sin|son|u|y|min"


def _counted(match: re.Match[str]) -> str:
    """A number before what it counts: un día, veintiún años, doscientas personas."""
    said = _cardinal(int(re.sub(r"[. ]", "", match["n"])))
    if _FEMININE.fullmatch(match["noun"]) and not _MASCULINE.fullmatch(match["noun"]):
        return re.sub(r"uno$", "una", re.sub(r"(cient|quinient)os\b", r"\1as", said))
    return re.sub(r"\buno$", "un", re.sub(r"veintiuno$", "veintiún", said))


def _century(match: re.Match[str]) -> str:
    return f"{match['name']} {_cardinal(roman(match['n']))}"


def _king(match: re.Match[str]) -> str:
    """An ordinal up to ten, then a cardinal: Felipe sexto, Luis catorce."""
    number = roman(match["n"])
    said = num2words(number, lang="es", to="ordinal") if number <= 10 else _cardinal(number)
    feminine = match["name"].endswith("a") or match["name"] in ("Isabel", "Parte")
    return f"{match['name']} {re.sub(r'o$', 'a', said) if feminine and number <= 10 else said}"


_ABBREVIATIONS = r"""
½(?=\s(?:hora|taza|cucharada|botella)) | media
(\d)\s?M€ | \1 millones de euros
\bizqd?a?\. | izquierda
\bdcha\. | derecha
\bdto\. | descuento
\bSr\. | señor
\bSra\. | señora
\bSrta\. | señorita
\bSres\. | señores
\bDr\. | doctor
\bDra\. | doctora
\bProf\. | profesor
\bD\.(?=\s+[A-ZÁÉÍÓÚ]) | don
\bDña\. | doña
\bUd\. | usted
\bUds\. | ustedes
\bVd\. | usted
\bVds\. | ustedes
\bp\.\s?ej\. | por ejemplo
\bEE\.?\s?UU\.? | Estados Unidos
\ba\.\s?C\. | antes de Cristo
\bd\.\s?C\. | después de Cristo
\betc\. | etcétera
\bavda\. | avenida
\bAvda\. | Avenida
\bav\.(?=\s) | avenida
\bAv\.(?=\s) | Avenida
\bC/(?=\s?[A-ZÁÉÍÓÚ]) | calle
\bc/(?=\s?[A-ZÁÉÍÓÚ]) | calle
\bn\.?º | número
\bN\.?º | Número
\bnúm\. | número
\bpág\. | página
\bpágs\. | páginas
\btel\. | teléfono
\bTel\. | Teléfono
\bteléf\. | teléfono
\baprox\. | aproximadamente
\bmáx\. | máximo
\bmín\. | mínimo
\bmin\.(?=\s|$) | minutos
\bCía\. | Compañía
\bdpto\. | departamento
\bGral\. | General
\bSto\.(?=\s) | Santo
\bSta\.(?=\s) | Santa
\bS\.(?=\s+[A-ZÁÉÍÓÚ][a-z]) | San
"""

_UNITS = """
kg | un kilogramo | kilogramos
g | un gramo | gramos
mg | un miligramo | miligramos
t | una tonelada | toneladas
km | un kilómetro | kilómetros
m | un metro | metros
cm | un centímetro | centímetros
mm | un milímetro | milímetros
l L | un litro | litros
ml mL | un mililitro | mililitros
km/h | un kilómetro por hora | kilómetros por hora
m/s | un metro por segundo | metros por segundo
m² | un metro cuadrado | metros cuadrados
m³ | un metro cúbico | metros cúbicos
km² | un kilómetro cuadrado | kilómetros cuadrados
°C ºC | un grado Celsius | grados Celsius
°F ºF | un grado Fahrenheit | grados Fahrenheit
° | un grado | grados
h | una hora | horas
min | un minuto | minutos
s | un segundo | segundos
ms | un milisegundo | milisegundos
Hz | un hercio | hercios
kHz | un kilohercio | kilohercios
MHz | un megahercio | megahercios
GHz | un gigahercio | gigahercios
KB kB | un kilobyte | kilobytes
MB | un megabyte | megabytes
GB | un gigabyte | gigabytes
TB | un terabyte | terabytes
W | un vatio | vatios
kW | un kilovatio | kilovatios
kWh | un kilovatio hora | kilovatios hora
V | un voltio | voltios
dB | un decibelio | decibelios
% | uno por ciento | por ciento
µm | un micrómetro | micrómetros
nm | un nanómetro | nanómetros
µg | un microgramo | microgramos
m2 | un metro cuadrado | metros cuadrados
m3 | un metro cúbico | metros cúbicos
km2 | un kilómetro cuadrado | kilómetros cuadrados
ha | una hectárea | hectáreas
cl | un centilitro | centilitros
Ω | un ohmio | ohmios
kΩ | un kiloohmio | kiloohmios
A | un amperio | amperios
mA | un miliamperio | miliamperios
mAh | un miliamperio hora | miliamperios hora
mW | un milivatio | milivatios
MW | un megavatio | megavatios
mV | un milivoltio | milivoltios
kV | un kilovoltio | kilovoltios
Wh | un vatio hora | vatios hora
CV | un caballo | caballos
hPa | un hectopascal | hectopascales
bar | un bar | bares
kcal | una kilocaloría | kilocalorías
kJ | un kilojulio | kilojulios
Mbit/s Mbps | un megabit por segundo | megabits por segundo
Gbit/s Gbps | un gigabit por segundo | gigabits por segundo
mmHg | un milímetro de mercurio | milímetros de mercurio
"""

_CURRENCIES = """
€ EUR | un euro | euros | un céntimo | céntimos
$ US$ USD | un dólar | dólares | un centavo | centavos
£ GBP | una libra | libras | un penique | peniques
¥ JPY | un yen | yenes | un sen | sen
CHF | un franco | francos | un céntimo | céntimos
"""

_SHORT_MONTHS = """
ene enero, feb febrero, mar marzo, abr abril
may mayo, jun junio, jul julio, ago agosto
sept septiembre, sep septiembre, oct octubre, nov noviembre
dic diciembre
"""
# What is said before a number to dial, or a code: it is read digit by digit.
_DIAL = (
    r"[Ll]lame al|[Ll]lama al|[Mm]arque el|[Mm]arque|[Mm]arca el|[Tt]eléfono|[Tt]el|[Ff]ax|[Cc]ódigo|"
    r"PIN|[Ee]xtensión|[Cc]ódigo es"
)

_SPANISH = Language(
    numerals="es",
    number=r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d{1,3}(?: \d{3})+(?:,\d+)?(?!\d)|\d+(?:,\d+)?",
    group=r"[. ]",
    decimal=",",
    point="coma",
    minus="menos",
    to="a",
    against="a",
    dot="punto",
    per="por",
    over="sobre",
    mixed="y",
    months=_MONTHS,
    date=_date,
    time=_time,
    year=_cardinal,
    money="{whole} con {cents}",
    currencies=money(_CURRENCIES),
    magnitudes=("mil", "millón de", "millones de", "mil millones de", "millón", "millones", "mil millones"),
    units=nouns(_UNITS),
    abbreviations=pairs(_ABBREVIATIONS),
    marks={
        '"': "pulgadas",
        "-": "guion",
        "_": "guion bajo",
        "~": "tilde",
        "\\": "barra invertida",
        "*": "asterisco",
        "#": "almohadilla",
        "?": "interrogación",
        ":": "dos puntos",
    },
    letters={"Y": "i griega"},
    short_days=short_names(
        "lun lunes, mar martes, mié miércoles, jue jueves, vie viernes, "
        "sáb sábado, dom domingo, L lunes, V viernes, S sábado, D domingo"
    ),
    short_months=short_names(_SHORT_MONTHS),
    dial=_DIAL,
    symbols={
        "&": "y",
        "+": "más",
        "=": "igual a",
        "@": "arroba",
        "#": "número",
        "×": "por",
        "÷": "entre",
        "±": "más o menos",
        "%": "por ciento",
        "°": "grados",
        "§": "párrafo",
        "½": "un medio",
        "⅓": "un tercio",
        "⅔": "dos tercios",
        "/": "barra",
        "¼": "un cuarto",
        "¾": "tres cuartos",
        "²": "al cuadrado",
        "³": "al cubo",
        ">": "mayor que",
        "<": "menor que",
        "≥": "mayor o igual que",
        "≤": "menor o igual que",
        "≠": "distinto de",
        "≈": "aproximadamente",
        "→": "a",
        "√": "raíz cuadrada de",
        "∞": "infinito",
        "‰": "por mil",
        "^": "elevado a",
        "$": "dólares",
        "€": "euros",
        "£": "libras",
        "¥": "yenes",
        "Ω": "ohmio",
        "µ": "micro",
    },
    dates=(
        r"(?P<y>\d{4})(?P<by>[-/])(?P<m>\d{1,2})(?P=by)(?P<d>\d{1,2})",
        r"(?P<d>\d{1,2})(?P<by>[/.-])(?P<m>\d{1,2})(?P=by)(?P<y>\d{4})",
        r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{2})",
        r"(?:(?<=\b[Ee]l )|(?<=\b[Aa]l )|(?<=\b[Dd]el ))(?P<d>\d{1,2})/(?P<m>1[0-2]|0?[1-9])(?![/\d])",
    ),
    times=r"(?P<h>[01]?\d|2[0-3]|24(?=:00))(?::|\.(?=\d\d\s?h\b)|(?<=las \d)\.|(?<=las \d\d)\.)(?P<m>[0-5]\d)"
    r"(?::(?P<s>[0-5]\d))?(?:\s?h\b\.?)?(?!\d|[.,]\d)",
    years=r"\b(?:[Ee]n|[Dd]esde|[Hh]asta|año|de)\s+(?P<y>1[1-9]\d\d|20\d\d)(?![\d.,]\d)",
    agree=_agree,
    rules=(
        (
            r"(?<![\w.,])(?:[89]\d \d{3} \d\d \d\d|[67]\d\d \d{3} \d{3}|[6-9]\d\d \d\d \d\d \d\d)(?![\w.,]\d)",
            lambda m: ", ".join(" ".join(map(_cardinal, map(int, part))) for part in m.group().split()),
        ),
        (rf"\b(?P<name>[Ss]iglos?)\s+(?P<n>{SHORT_ROMAN})", _century),
        (rf"\b(?P<name>[A-ZÁÉÍÓÚ][a-záéíóúñ]{{2,}})\s+(?P<n>{ROMAN})", _king),
        (r"\b(?P<n>\d{1,3})\.?(?P<end>[ºª]|er\b)", _nth),
        (
            rf"(?<![\w.,/$€£¥-])(?<![\d$€£¥] ){not_after(_LABELS)}(?P<n>(?!0\d)\d{{1,3}}(?:[. ]\d{{3}})?)"
            rf"(?= (?!{_AMOUNT})(?P<noun>(?!(?:{_NO_NOUN})\b)[a-záéíóúñ]{{3,}})\b)",
            _counted,
        ),
    ),
)

LANGUAGES = {"es-ES": _SPANISH}
