"""Cleans a text before anything else reads it.

Goal: no control character, no tag and no surprise gets further, and every refusal says why. What remains is Latin
letters, digits, punctuation, single spaces and the signs that `signs` has words for; a line break stays one, as a
pause. Source: Unicode Standard Annex 44 (general categories).
"""

from __future__ import annotations

import re
import unicodedata

from audio.errors import BadInput

MAX_LENGTH = 5000
_SUBSTITUTES = str.maketrans(
    {
        **dict.fromkeys("‘’‛′`´ʼ", "'"),
        **dict.fromkeys("“”„‟″«»‹›", '"'),
        **dict.fromkeys("‐‑‒−", "-"),
        **dict.fromkeys("—―", "–"),
        "…": "...",
        **dict.fromkeys("⁄∕", "/"),
        **dict.fromkeys("∗⋅", "×"),
        **dict.fromkeys("⩾≧", "≥"),
        **dict.fromkeys("⩽≦", "≤"),
        **dict.fromkeys("⇒➔➜⟶", "→"),
        "μ": "µ",
        **dict.fromkeys("\u0085\u2028\u2029\v\f\r", "\n"),
    }
)
# A tag as HTML and SSML have it: what stands between the brackets is one word, or has attributes. `x <y and z> 3` is
# none.
_TAG = re.compile(r"</?[A-Za-z][\w:-]{0,40}\s*/?>|</?[A-Za-z][\w:-]{0,40}\s[^<>]{0,200}=[^<>]{0,200}>")
_BRACKETS = re.compile(r"[\[\]{}]+")
_SUPERSCRIPT = re.compile("(?<=[\\w)])([⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{2,}|[⁺⁻][⁰¹²³⁴⁵⁶⁷⁸⁹]|[⁰¹⁴⁵⁶⁷⁸⁹])")
# A word of hundreds of letters keeps Pico busy for ever, and so many dots make it silent for minutes.
_ENDLESS = re.compile(r"[^\W\d_]{80}(?=[^\W\d_])")
_REPEATED = re.compile(r"([^\w\s])\1{3,}")
_HAVE_WORDS = "ªº°·–¿¡§±×÷µΩ²³½¼¾⅓⅔≤≥≠≈√∞→‰"
# Greek letters that stand alone, in a text that is not Greek, are names of quantities.
_GREEK, _GREEK_WORD = re.compile("[Α-Ωα-ω]"), re.compile("[\u0370-\u03ff\u1f00-\u1fff]{2}")


def check(text: str) -> None:
    """See that a text can be taken.

    Raises
    ------
    BadInput
        Where it cannot; the message says why.
    """
    if len(text) > MAX_LENGTH:
        raise BadInput(f"'text' must have at most {MAX_LENGTH} characters; {len(text)} came.", field="text")
    for position, character in enumerate(text):
        category = unicodedata.category(character)
        if category == "Cs":
            raise BadInput("'text' holds half of a surrogate pair, which is no character.", field="text")
        if category == "Cc" and not character.isspace():
            raise BadInput(
                f"'text' holds a control character (U+{ord(character):04X}) at position {position}; of these only "
                "white space is taken.",
                field="text",
            )
    if not text.strip():
        raise BadInput("'text' is empty: there is nothing to speak.", field="text")


def clean(text: str, lang: str) -> str:
    """The text in the characters above.

    Parameters
    ----------
    text : as it came.
    lang : a tag such as en-GB.

    Raises
    ------
    BadInput
        Where nothing is left that can be spoken in this language.
    """
    check(text)
    cleaned = _SUPERSCRIPT.sub(_power, unicodedata.normalize("NFC", text).translate(_SUBSTITUTES))
    if not _GREEK_WORD.search(cleaned):
        cleaned = _GREEK.sub(_greek_name, cleaned)
    cleaned = "".join(map(_known_character, cleaned))
    cleaned = _BRACKETS.sub(" ", _TAG.sub(_read_tag, cleaned))
    cleaned = _REPEATED.sub(r"\1\1\1", _ENDLESS.sub(r"\g<0> ", cleaned))
    cleaned = re.sub(r"[^\S\n]+", " ", cleaned)
    cleaned = re.sub(r" ?\n[\n ]*", "\n", cleaned).strip()
    if not any(c.isalnum() and c not in "ªº" for c in cleaned):
        raise BadInput(
            f"'text' holds nothing that can be spoken in {lang}: it needs Latin letters or digits.", field="text"
        )
    return cleaned


def _known_character(character: str) -> str:
    """The character itself, what it stands for, or a space where it cannot be spoken."""
    if character.isascii():
        return character
    category = unicodedata.category(character)
    if category == "Sc" or character in _HAVE_WORDS:
        return character
    if category[0] == "L":
        return _latin(character)
    if category == "Nd":
        return str(unicodedata.digit(character))
    if category in ("Mn", "Me", "Cf"):
        return ""  # variation selectors, joiners and the like: no sound, no gap
    return _compatible(character)


def _latin(character: str) -> str:
    """A Latin letter as such, where it came full-width, bold or joined too; one of another script as a space."""
    latin = unicodedata.normalize("NFKC", character)
    return latin if all("LATIN" in unicodedata.name(c, "") for c in latin) else " "


def _compatible(character: str) -> str:
    """What a numeral or a sign is made of, where that is letters and digits: 1 in a circle, 7/8, the Roman VIII, °C."""
    parts = unicodedata.normalize("NFKC", character).replace("\N{FRACTION SLASH}", "/")
    said = re.sub("[/°]", "", parts)
    return parts if said.isalnum() and said.isascii() and character not in "™℠" else " "


def _power(match: re.Match[str]) -> str:
    """Raised digits as a power: 10^-6. Squares and cubes have words of their own."""
    return "^" + unicodedata.normalize("NFKC", match.group()).replace("\N{MINUS SIGN}", "-").replace("+", "")


def _greek_name(match: re.Match[str]) -> str:
    name = unicodedata.name(match.group()).rpartition(" ")[2].lower()
    return "Ω" if name == "omega" and match.group() == "Ω" else f" {name} "


def _read_tag(tag: re.Match[str]) -> str:
    """Markup is read as the words it is made of."""
    return " " + re.sub(r"[^\w\s]+", " ", tag.group()) + " "
