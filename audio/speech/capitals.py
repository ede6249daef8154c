"""Words in capitals: read as words, or spelled.

Goal: signs, headings and shouts are words; what is spelled is an acronym that is known, or what no reader of the
language could pronounce. Conventions: letters that are spelled stand apart ("U S B"), as engines say them; where an
engine would take a letter for a word, its name is written (`Language.letters`).
"""

from __future__ import annotations

import re

from audio.speech import lexicon
from audio.speech.languages import acronyms
from audio.speech.languages.language import ROMAN, Language

_UPPER = "A-ZÀ-ÖØ-ÞŒ"
_WORDS = re.compile(r"[^\W_]+")
_PART = re.compile(rf"[{_UPPER}]+")
_ROMAN = re.compile(ROMAN)
_CONTRACTION = re.compile(rf"(?<=[{_UPPER}])'(?:LL|RE|VE|[DMST])\b")
_LETTERS = re.compile(rf"(?<!\w)[{_UPPER}](?: [{_UPPER}])+(?!\w)")
_DOTTED = re.compile(rf"(?<![\w.])(?:[{_UPPER}]\. ?)+[{_UPPER}]\.(?!\w)")
_JOINED = re.compile(rf"(?<![\w&])[{_UPPER}]{{1,3}}(?:&[{_UPPER}]{{1,3}})+(?![\w&])")
_ACRONYM = re.compile(rf"(?<![^\W\d])(?P<word>[{_UPPER}]{{2,}})(?P<plural>'?s)?(?![^\W\d])")
# iOS, IoT, GmbH: capitals with a small letter among them.
_MIXED = re.compile(rf"(?<!\w)(?=\w*[{_UPPER}]\w*[{_UPPER}])[A-Za-z]{{3,4}}(?<!s)(?!\w)")
# Chosen, as shares of the most frequent word: words of two letters (at, zu) have more, their like among initials (al,
# ca) have less; of the words that acronyms look like us, led and sat have more, and id, hoa and rip less.
_SHORT, _EVERYDAY = 1 / 4000, 1 / 2000
_LOWER_PLURAL = {"en": "'s", "de": "s"}


class Capitals:
    """How a language reads them."""

    def __init__(self, lang: str, language: Language) -> None:
        self._lang = lang
        self._language = language
        self._spelled = acronyms.spelled(lang)
        self._spoken = acronyms.spoken(lang)
        self._lower = {m for m in language.months if m.islower()}

    def calm(self, text: str) -> str:
        """Shouts as written by others: runs of words in capitals, one of which at least is a word, become small.

        What is spelled, Roman numerals and the units of numbers stay as they are.
        """
        text = _CONTRACTION.sub(lambda m: m.group().lower(), text)
        text = _JOINED.sub(self._join, text)
        for run in reversed(_runs(text)):
            if self._shouted(run):
                for word in reversed(run):
                    text = text[: word.start()] + self._small(word) + text[word.end() :]
        return text

    def spell(self, text: str) -> str:
        """Words that are left in capitals become small, acronyms become letters."""
        text = _DOTTED.sub(self._undot, text)
        text = _MIXED.sub(lambda m: self._apart(m.group()) if m.group().lower() in self._spelled else m.group(), text)
        text = _LETTERS.sub(lambda m: self._apart(m.group().replace(" ", "")), text)
        return _ACRONYM.sub(self._read, text)

    def _shouted(self, run: list[re.Match[str]]) -> bool:
        parts = [w.group() for w in run if w.group().isalpha() and not _ROMAN.fullmatch(w.group())]
        return len(parts) > 1 and any(len(p) > 2 and self._is_listed(self._accented(p)) for p in parts)

    def _is_listed(self, small: str) -> bool:
        """Whether a lexicon has it, and it is no acronym."""
        return small not in self._spelled and small not in self._spoken and lexicon.of(self._lang).has(small)

    def _small(self, word: re.Match[str]) -> str:
        """A word of a shout: its first letter stays large, where it is no small word and counts nothing."""
        written, text = word.group(), word.string
        after = text[word.end() : word.end() + 1]
        counted = re.search(r"\d[.,\d]*\s?$", text[max(0, word.start() - 16) : word.start()])
        if counted and (unit := self._unit(written)):
            return unit
        if not written.isalpha() or _ROMAN.fullmatch(written) or not self._is_word(written, shouted=True):
            return written
        small = self._accented(written)
        noun = counted and self._lang == "de-DE"
        if small in self._lower or (len(small) < 4 and after != "." and not noun) or (counted and not noun):
            return small
        return small.capitalize()

    def _unit(self, written: str) -> str | None:
        """What is a unit, a currency or a half of the day after a number."""
        units = self._language.units
        if written in units or written in self._language.currencies or written in ("AM", "PM"):
            return written
        return written.lower() if written.lower() in units else None

    def _accented(self, written: str) -> str:
        return lexicon.of(self._lang).accented(written.lower())

    def _is_word(self, written: str, *, shouted: bool = False) -> bool:
        """Whether it is read as a word. shouted: all around is in capitals too."""
        small, words = written.lower(), lexicon.of(self._lang)
        if len(small) == 1:
            return shouted and written != "I" and words.share(small) >= _SHORT
        if small in self._spoken:
            return True
        if small in self._spelled:
            return shouted and words.share(small) >= _EVERYDAY
        small = words.accented(small)
        if len(small) == 2:
            return words.has(small) and words.share(small) >= _SHORT
        return words.has(small) or (len(small) > 3 and words.pronounceable(small))

    def _read(self, match: re.Match[str]) -> str:
        word, plural = match["word"], match["plural"] or ""
        if self._is_word(word):
            return self._accented(word) + plural
        text = match.string
        before = " " if text[: match.start()][-1:].isdigit() else ""
        after = " " if text[match.end() : match.end() + 1].isdigit() else ""
        return before + self._apart(word) + (_LOWER_PLURAL.get(self._lang[:2], "") if plural else "") + after

    def _apart(self, letters: str) -> str:
        names = self._language.letters
        return " ".join(names.get(c, c) for c in letters.upper())

    def _join(self, match: re.Match[str]) -> str:
        """R&D, AT&T."""
        return f" {self._language.symbols['&']} ".join(self._apart(part) for part in match.group().split("&"))

    def _undot(self, match: re.Match[str]) -> str:
        """U.S.A. as letters; a full stop after them where the text ends there."""
        ends = match.end() == len(match.string) or match.string[match.end()] == "\n"
        return self._apart(re.sub(r"[. ]", "", match.group())) + ("." if ends else "")


def _runs(text: str) -> list[list[re.Match[str]]]:
    """Words in a row that have no small letter, on one line; numbers among them count for neither."""
    runs: list[list[re.Match[str]]] = [[]]
    end = 0
    for word in _WORDS.finditer(text):
        if word.group().upper() != word.group() or "\n" in text[end : word.start()]:
            runs.append([])
        if word.group().upper() == word.group():
            runs[-1].append(word)
        end = word.end()
    return [run for run in runs if len(run) > 1]
