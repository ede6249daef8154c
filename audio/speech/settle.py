"""Makes a text safe and plain before anything else reads it.

Goal: no control character, no markup and no surprise reaches an engine, and every refusal says why. What remains is
letters, digits, punctuation and single spaces; a line break stays one, as a pause.
Source: Unicode Standard Annex 44 (general categories).
"""

from __future__ import annotations

import re
import unicodedata

from audio.errors import BadInput

MAX_LENGTH = 5000
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("‘’‛′`´ʼ", "'"),
        **dict.fromkeys("“”„‟″«»‹›", '"'),
        **dict.fromkeys("‐‑‒−", "-"),
        **dict.fromkeys("—―", "–"),
        "…": "...",
        "⁄": "/",
        **dict.fromkeys("\u0085\u2028\u2029\v\f\r", "\n"),
    }
)
_TAG = re.compile(r"</?\s*[A-Za-z][^<>]{0,200}>")
_BRACKETS = re.compile(r"[\[\]{}<>|\\^~_*]+")
# A word of hundreds of letters keeps Pico busy for ever, and so many dots make it silent for minutes.
_ENDLESS = re.compile(r"[^\W\d_]{80}(?=[^\W\d_])")
_REPEATED = re.compile(r"([^\w\s])\1{3,}")
_HAVE_WORDS = "²³½¼¾⅓⅔"


def check(text: str) -> None:
    """Raises BadInput where the text cannot be taken; the message says why."""
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


def settle(text: str, lang: str) -> str:
    """The text in plain characters. Raises BadInput where nothing is left that can be spoken in this language."""
    check(text)
    plain = unicodedata.normalize("NFC", text).translate(_PLAIN)
    plain = "".join(map(_plain_character, plain))
    plain = _BRACKETS.sub(" ", _TAG.sub(_read_tag, plain))
    plain = _REPEATED.sub(r"\1\1\1", _ENDLESS.sub(r"\g<0> ", plain))
    plain = re.sub(r"[^\S\n]+", " ", plain)
    plain = re.sub(r" ?\n[\n ]*", "\n", plain).strip()
    if not any(c.isalnum() and c not in "ªº" for c in plain):
        raise BadInput(
            f"'text' holds nothing that can be spoken in {lang}: it needs Latin letters or digits.", field="text"
        )
    return plain


def _plain_character(character: str) -> str:
    """The character itself, what it stands for, or a space where it cannot be spoken."""
    if character.isascii():
        return character
    category = unicodedata.category(character)
    if category[0] == "L" and character not in "ªº":
        return _latin(character)
    if category == "Nd":
        return str(unicodedata.digit(character))
    if category in ("Mn", "Me", "Cf"):
        return ""  # variation selectors, joiners and the like: no sound, no gap
    if category == "Sc" or character in "ªº°·–¿¡§±×÷µ" or character in _HAVE_WORDS:
        return character
    return _compatible(character)


def _latin(character: str) -> str:
    """A Latin letter as such, where it came full-width, bold or joined too; one of another script as a space."""
    plain = unicodedata.normalize("NFKC", character)
    return plain if all("LATIN" in unicodedata.name(c, "") for c in plain) else " "


def _compatible(character: str) -> str:
    """What a numeral or a sign is made of, where that is letters and digits: 1 in a circle, 7/8, the Roman VIII, °C."""
    plain = unicodedata.normalize("NFKC", character).replace("\N{FRACTION SLASH}", "/")
    said = re.sub("[/°]", "", plain)
    return plain if said.isalnum() and said.isascii() and character not in "™℠" else " "


def _read_tag(tag: re.Match[str]) -> str:
    """Markup is read as the words it is made of."""
    return " " + re.sub(r"[^\w\s]+", " ", tag.group()) + " "
