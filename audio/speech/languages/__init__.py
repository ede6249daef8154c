"""How each language says what is not written as a word. One module a language; `of` gives the one of a tag."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from audio.speech.languages.language import Language

_MODULES = {"en": "english", "de": "german", "es": "spanish", "fr": "french", "it": "italian"}


@cache
def of(lang: str) -> Language:
    """The language of a tag such as en-GB."""
    module: Any = import_module(f"audio.speech.languages.{_MODULES[lang[:2]]}")
    language: Language = module.LANGUAGES[lang]
    return language


__all__ = ["Language", "of"]
