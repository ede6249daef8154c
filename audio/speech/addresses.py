"""Addresses of pages and of mail, names of files and paths: part by part, with a word for each sign.

Source: RFC 3986 and RFC 5322 as far as people write them; the endings are the domains of countries and the ones most
in use.
"""

from __future__ import annotations

import re

from audio.speech.languages import Language

_WORDS = "com|org|net|edu|gov|info|biz|name|dev|app|cloud|online|shop|site|store|tech|blog|page|home|local|lan|xyz"
_COUNTRIES = (
    "ai|at|au|be|bg|br|ca|cat|cc|ch|cl|cn|co|cz|de|dk|ee|es|eu|fi|fm|fr|gg|gr|hk|hr|hu|ie|il|in|io|is|it|jp|kr|li|lt|lu|"
    "lv|ly|me|mx|nl|no|nu|nz|pe|pl|pt|ro|rs|ru|se|sg|sh|si|sk|to|tr|tv|tw|ua|uk|us|za"
)
_FILES = (
    "avi|bat|bin|bmp|cfg|conf|cpp|css|csv|doc|docx|exe|flac|gif|gz|html?|ico|ini|iso|jar|jpe?g|js|json|log|md|midi|mov|mp3|"
    "mp4|mkv|odt|ogg|pdf|png|ppt|pptx|py|rtf|sql|svg|tar|tex|toml|ts|tsv|txt|wav|webp|xls|xlsx|xml|ya?ml|zip"
)
_MAIL = r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+"
_LINK = r"\b(?:https?|ftp|file|mailto):(?://)?[^\s<>\"]+|\bwww\.[^\s<>\"]+"
_PAGE = rf"(?<![\w.@-])(?:[\w-]{{1,64}}\.){{1,4}}(?:{_WORDS}|{_COUNTRIES})\b(?!\.\w)(?:[/?#:][^\s<>\"]*)?"
_FILE = rf"(?<![\w.@/-])[\w-]{{1,64}}(?:\.[\w-]{{1,32}}){{0,3}}\.(?:{_FILES})\b(?!\.\w)"
_PATH = r"(?<![\w./<])(?:~|\.{1,2})?/[\w.-]{1,64}(?:/[\w.-]{1,64})+/?|\b[A-Z]:\\[^\s<>\"]*"
ADDRESS = re.compile("|".join((_LINK, _MAIL, _PAGE, _FILE, _PATH)))
# Endings that are said as words though they are short.
_SAID = {"co", "me", "to", "it", "es", "is", "at", "bin", "home", "cat"}
_SPELLED = re.compile(
    r"(?<=\.)(?:[a-z]{2}|html?|css|csv|pdf|png|jpe?g|txt|xml|sql|svg|cpp|exe|ppt|pptx|docx?|xlsx?)(?![\w])"
)


def say(address: str, language: Language) -> str:
    """The parts of an address, as words."""
    address = re.sub(r"^(?:https?|ftp|file)://|^mailto:", "", address)
    bare = address.rstrip(".,;:!?)'/")
    ending = address[len(bare) :].replace("/", "")[:1]
    bare = re.sub(r"^www\.", "w w w.", bare)
    bare = _SPELLED.sub(lambda m: m.group() if m.group() in _SAID else " ".join(m.group().upper()), bare)
    return "".join(_word(c, language) for c in bare).strip() + ending


def _word(character: str, language: Language) -> str:
    if character.isalnum() or character == " ":
        return character
    if character == ".":
        return f" {language.dot} "
    word = language.marks.get(character) or language.symbols.get(character)
    return f" {word} " if word else " "
