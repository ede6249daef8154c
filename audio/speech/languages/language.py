"""What has to be known of a language to write numbers, dates, amounts and abbreviations out in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from num2words import num2words

# Longer numbers are no amounts, and are said digit by digit.
LONGEST_NUMBER = 12
# Roman numerals up to 39; one letter alone is mostly none.
_ROMAN = r"X{0,3}(?:IX|IV|V?I{0,3})\b"
ROMAN = rf"(?=[IVX]{{2}}){_ROMAN}"
SHORT_ROMAN = rf"(?=[IVX]){_ROMAN}"


@dataclass(frozen=True)
class Noun:
    """A counted thing: `one` with its numeral ("ein Euro"), `many` without ("Euro")."""

    one: str
    many: str


@dataclass(frozen=True)
class Currency:
    """An amount of money: its units and its hundredths."""

    unit: Noun
    cent: Noun


@dataclass(frozen=True, kw_only=True)
class Language:
    """One language.

    numerals: its name in num2words. number: a pattern of a number as it is written; group: what parts its
    thousands, decimal: what its fraction. to: between the ends of a range; against: between the parts of a score;
    over: between two numbers with a slash; per: between an amount and what it is for; dot: in an address; mixed:
    between a whole number and a fraction. date: day, month (1 to 12), year (0: none) as words; time: hour, minute
    as words; year: as words. ordinal: a number as it stands alone. money: whole and hundredths as words.
    currencies, units, abbreviations, symbols: what stands for what. marks: signs where they stand for themselves,
    in an address or a code. letters: the names of letters that an engine takes for words. short_months: Okt for
    Oktober; short_days: Mo for Montag. dial: a pattern of what comes before a number that is read digit by digit.
    dates: patterns of dates, with groups d, m, y. times: a pattern of times, with groups h, m, s. years: a pattern
    of a year by what is around it, with a group y. rules: further patterns and what to make of a match. finish: the
    last touch to a numeral. agree: a numeral as it stands before a noun.
    """

    numerals: str
    number: str
    group: str
    decimal: str
    point: str
    minus: str
    to: str
    against: str
    dot: str
    per: str
    over: str
    marks: Mapping[str, str]
    short_months: Mapping[str, str]
    short_days: Mapping[str, str]
    dial: str
    months: Sequence[str]
    date: Callable[[int, int, int, str], str]
    time: Callable[[int, int], str]
    year: Callable[[int], str]
    money: str
    currencies: Mapping[str, Currency]
    magnitudes: Sequence[str]
    units: Mapping[str, Noun]
    abbreviations: Sequence[tuple[str, str]]
    symbols: Mapping[str, str]
    dates: Sequence[str]
    times: str
    years: str
    mixed: str = ""
    letters: Mapping[str, str] = field(default_factory=dict)
    rules: Sequence[tuple[str, Callable[[re.Match[str]], str]]] = ()
    finish: Callable[[str], str] = str
    agree: Callable[[str, Noun], str] = lambda numeral, noun: numeral

    def parse(self, written: str) -> Decimal:
        """The value of a number as it is written."""
        plain = re.sub(self.group, "", written) if self.group else written
        return Decimal(plain.replace(self.decimal, "."))

    def say(self, written: str) -> str:
        """A number as it is written, in words: digit by digit where it is long, or begins with a zero."""
        whole = re.sub(r"\D.*", "", written)
        if len(re.sub(r"\D", "", written)) > LONGEST_NUMBER or (len(whole) > 1 and whole[0] == "0"):
            return self.digits(written)
        plain = re.sub(self.group, "", written) if self.group else written
        integer, _, fraction = plain.replace(self.decimal, ".").partition(".")
        said = self.cardinal(int(integer or 0))
        return f"{said} {self.point} {self.digits(fraction)}" if fraction else said

    def digits(self, written: str) -> str:
        """The digits of a number one by one, in threes; the last ones in fours rather than one alone."""
        said = [self.cardinal(int(d)) for d in written if d.isdigit()]
        if len(said) < 7:
            return " ".join(said)
        starts = list(range(0, len(said) - 1, 3))
        return ", ".join(" ".join(said[i:j]) for i, j in zip(starts, [*starts[1:], len(said)], strict=True))

    def cardinal(self, number: int) -> str:
        return self.finish(_words(number, self.numerals))

    def count(self, number: Decimal, written: str, noun: Noun) -> str:
        """A number of things."""
        return noun.one if number == 1 else f"{self.agree(self.say(written), noun)} {noun.many}"


def not_after(words: str) -> str:
    """A pattern of a place that no word of a list `one|other` stands before, with a capital or without."""
    return "".join(rf"(?<!\b[{word[0].upper()}{word[0]}]{word[1:]} )" for word in words.split("|"))


def alternatives(words: Iterable[str]) -> str:
    """A pattern of any of these words as they stand, the longest first."""
    return "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))


def roman(letters: str) -> int:
    """The value of a Roman numeral."""
    values = [{"I": 1, "V": 5, "X": 10}[c] for c in letters]
    return sum(-v if v < max(values[i:]) else v for i, v in enumerate(values))


@lru_cache(maxsize=4096)
def _words(number: int, numerals: str) -> str:
    said: str = num2words(number, lang=numerals)
    return said


def nouns(table: str) -> dict[str, Noun]:
    """Units from lines of `abbreviation | one thing | things`; several abbreviations are parted by white space."""
    found = {}
    for line in table.strip().splitlines():
        short, one, many = (part.strip() for part in line.split("|"))
        found.update(dict.fromkeys(short.split(), Noun(one, many)))
    return found


def money(table: str) -> dict[str, Currency]:
    """Currencies from lines of `signs | one unit | units | one hundredth | hundredths`."""
    found = {}
    for line in table.strip().splitlines():
        signs, one, many, cent, cents = (part.strip() for part in line.split("|"))
        found.update(dict.fromkeys(signs.split(), Currency(Noun(one, many), Noun(cent, cents))))
    return found


def short_names(table: str) -> dict[str, str]:
    """Names of months or days from `short name, short name, ...`."""
    rows = (row.split() for row in table.replace(",", "\n").splitlines() if row.strip())
    return {row[0]: row[1] for row in rows}


def pairs(table: str) -> list[tuple[str, str]]:
    """Abbreviations from lines of `pattern | what it stands for`."""
    split = (line.rpartition(" | ") for line in table.strip().splitlines())
    return [(pattern.strip(), words.strip()) for pattern, _, words in split]
