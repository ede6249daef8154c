"""The words of a language, and what it can pronounce.

Goal: tell a word in capitals from an acronym. Conventions: words are in lower case; a count is how often a word was
met. Source: the word lists of pyspellchecker (subtitles, cleaned by dictionaries), where a count of 50 or less says
only that a dictionary has the word. What can be pronounced is learnt from them: the clusters of consonants that open,
part and close their vowels (phonotactics), so that a name which no list has is still told from initials.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache, lru_cache

_VOWELS = "aeiouyàáâäãåæèéêëìíîïòóôöõùúûüýÿœø"
_CLUSTER = re.compile(f"[^{_VOWELS}]+")
_VOWEL = re.compile(f"[{_VOWELS}]")
# Measured: of words held out, 1 to 2 % are rejected in the Romance languages, 10 % in English, 20 % in German (long
# compounds, which `LONG` lets pass); of 90 acronyms the 30 pass that have a vowel in the right place, and are listed.
_FREQUENT, _LEARNT_FROM, _TIMES = 50, 20000, 3
# A cluster that is rare is no sign of an acronym in a word that is as frequent as this, or as long.
_COMMON = 400
LONG = 7
_MARKED = {
    "a": "aàâáä",
    "c": "cç",
    "e": "eéèêë",
    "i": "iîïíì",
    "n": "nñ",
    "o": "oôóòö",
    "u": "uùûúü",
}


class Lexicon:
    """The words of one language."""

    def __init__(self, counts: Counter[str]) -> None:
        words = {w: n for w, n in counts.items() if w.isalpha()}
        # One string takes a tenth of the memory of a dictionary, and is searched in a millisecond.
        self._text = "\n" + "".join(f"{w} {n}\n" for w, n in words.items())
        self._most = max(words.values())
        frequent = [w for w, n in words.items() if n > _FREQUENT and len(w) > 3]
        frequent.sort(key=lambda w: -words[w])
        met = Counter(c for w in frequent[:_LEARNT_FROM] for c in _clusters(w))
        self._clusters = {c for c, times in met.items() if times >= _TIMES}

    @lru_cache(maxsize=4096)  # noqa: B019  there is one of these for a language, for ever
    def count(self, word: str) -> int:
        """How often a word was met; 0 where it is none."""
        at = self._text.find(f"\n{word} ")
        return int(self._text[at + len(word) + 2 : self._text.index("\n", at + 1)]) if at >= 0 else 0

    def share(self, word: str) -> float:
        """How often a word was met, as a part of the language's most frequent one."""
        return self.count(word) / self._most

    def pronounceable(self, word: str) -> bool:
        """Whether it has a vowel, and no consonants side by side that words of the language have not.

        A word of five letters, a third of them vowels, is pronounced whatever it is made of: Nvidia.
        """
        vowels = len(_VOWEL.findall(word))
        if len(word) > 4 and 3 * vowels >= len(word):
            return True
        return vowels > 0 and all(
            c in self._clusters or (len(word) >= LONG and c[0] != "^" and c[-1] != "$") for c in _clusters(word)
        )

    def has(self, word: str) -> bool:
        """Whether it is a word. Short ones must be pronounceable or frequent: the lists are not free of acronyms."""
        count = self.count(word)
        if count and len(word) > 4:
            return True
        return count >= 50 and (self.pronounceable(word) or (count >= _COMMON and bool(_VOWEL.search(word))))

    @lru_cache(maxsize=4096)  # noqa: B019
    def accented(self, word: str) -> str:
        """The word with the accents that capitals lack: école for ecole; itself where it is a word or none is known."""
        if len(word) < 4 or self.count(word) or not _VOWEL.search(word):
            return word
        marked = "".join(f"[{_MARKED[c]}]" if c in _MARKED else re.escape(c) for c in word)
        found = re.findall(rf"\n({marked}) (\d+)(?=\n)", self._text)
        return max(found, key=lambda f: int(f[1]))[0] if found else word


def _clusters(word: str) -> list[str]:
    """Runs of consonants: ^ before one that opens the word, $ behind one that closes it."""
    return [
        ("^" if m.start() == 0 else "") + m.group() + ("$" if m.end() == len(word) else "")
        for m in _CLUSTER.finditer(word)
    ]


@cache
def of(lang: str) -> Lexicon:
    """The lexicon of a tag such as en-GB. It takes a quarter of a second and 2 to 7 MB, once."""
    from spellchecker import SpellChecker

    counts = SpellChecker(language=lang[:2]).word_frequency.dictionary
    return Lexicon(Counter({unicodedata.normalize("NFC", w): n for w, n in counts.items()}))
