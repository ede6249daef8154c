"""Writes out what is not a word: numbers, dates, times, amounts, units, abbreviations, as the language says them.

Engines read some of this, each in its own way and some of it wrongly; here it is said the same way by all of them.
What each language says is in `languages`; the order of the rules is here, from what is most to what is least special.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache

from audio.speech import addresses, digits, signs
from audio.speech.capitals import Capitals
from audio.speech.languages import Language, of
from audio.speech.languages.language import LONGEST_NUMBER, Noun, alternatives

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


def normalise(text: str, lang: str) -> str:
    """The text in words.

    Parameters
    ----------
    text : cleaned, see `clean`.
    lang : a tag such as en-GB.

    Returns
    -------
    No digit, and no sign but punctuation, is left in it.
    """
    capitals = _capitals(lang)
    text = capitals.calm(text)
    for pattern, replace in _rules(lang):
        text = pattern.sub(replace, text)
    text = re.sub(r" +(?=[,.;:!?](?:\s|$))", "", capitals.spell(re.sub(r" +", " ", text)))
    return re.sub(r" +", " ", text).strip()


@cache
def _capitals(lang: str) -> Capitals:
    return Capitals(lang, of(lang))


@cache
def _rules(lang: str) -> list[Rule]:
    language = of(lang)
    rules = [_addresses(language), _endless(language), *_everywhere(language), *signs.first(language)]
    rules.append(_short_days(language))
    rules += [_abbreviation(pattern, words) for pattern, words in language.abbreviations]
    rules += [_short_month(language), *(_date(language, pattern) for pattern in language.dates)]
    rules += [*digits.rules(language), _difference(language), _range(language), _year(language)]
    rules += [(re.compile(pattern), replace) for pattern, replace in language.rules]
    rules += [_fractions(), _time(language), *signs.slashes(language)]
    rules += [_score(language), _dotted(language), _minus(language)]
    rules += [_money_before(language), _money_after(language), _units(language)]
    rules += [_mixed(language), _numbers(language), *signs.last(language)]
    return rules


def _endless(language: Language) -> Rule:
    """Long runs of digits, before other rules search them for what is not there."""
    return re.compile(rf"\d{{{LONGEST_NUMBER + 1},}}"), lambda m: f" {language.digits(m.group())} "


def _everywhere(language: Language) -> list[Rule]:
    """What means the same in every language: the T and the Z of a time stamp, a hashtag, 4x4."""
    return [
        (re.compile(r"(?<=\d)T(?=\d\d:\d\d)"), lambda _: " "),
        (re.compile(r"(?<=:\d\d)(?:\.\d+)?Z\b"), lambda _: ""),
        (re.compile(r"#(?=[^\W\d])"), lambda _: "hashtag "),
        (re.compile(r"(?<=\d)\s?x\s?(?=\d)"), lambda _: " × "),
        (re.compile(r"(?<=\d)x\b"), lambda _: f" {language.symbols['×']}"),
    ]


def _abbreviation(pattern: str, words: str) -> Rule:
    return re.compile(pattern), lambda m: m.expand(words)


def _addresses(language: Language) -> Rule:
    return addresses.ADDRESS, lambda m: addresses.say(m.group(), language)


# A day and these may be two other things (5 sept, 3 mar): they need a point or a year.
_WORDS_TOO = "ago|mar|may|set|sept|jan|sep"


def _short_month(language: Language) -> Rule:
    """Months cut short, where a day stands before them, or in English after them."""
    months = language.short_months
    plain = alternatives([m for m in months if m not in _WORDS_TOO.split("|")])
    year = r"(?=,?\s(?:de\s)?\d{4}\b)"
    after = (
        rf"(?P<day>\b(?:[12]?\d|3[01])\.?\s(?:de\s)?)(?:(?P<a>{plain})\b\.?|(?P<b>{alternatives(months)})(?:\.|{year}))"
    )
    before = rf"\b(?P<c>{alternatives(months)})\b\.?(?=\s+\d)" if language.numerals == "en" else "(?!)(?P<c>)"

    def say(match: re.Match[str]) -> str:
        short = match["a"] or match["b"] or match["c"]
        day = match["day"] or ""
        if day and language.numerals == "es" and "de" not in day:
            day += "de "
        return day + months[short]

    return re.compile(f"{after}|{before}"), say


def _short_days(language: Language) -> Rule:
    """Opening hours: Mon-Fri. A day cut short that stands alone may be another word."""
    days = alternatives(language.short_days)
    return (
        re.compile(rf"(?<![\w-])({days})\.?\s?[-–]\s?({days})\b(?!-)(?:\.(?=\s[^\WA-Z]))?"),
        lambda m: f"{language.short_days[m[1]]} {language.to} {language.short_days[m[2]]}",
    )


def _date(language: Language, pattern: str) -> Rule:
    def say(match: re.Match[str]) -> str:
        parts = match.groupdict()
        month = language.months.index(parts["m"]) + 1 if not parts["m"].isdigit() else int(parts["m"])
        day, year, before = int(parts["d"]), _full_year(parts.get("y") or ""), parts.get("before") or ""
        if not (1 <= month <= 12 and 1 <= day <= 31):
            return match.group()
        return language.date(day, month, year, before)

    return re.compile(rf"(?<![\d/.,-]){pattern}(?![\d/-])"), say


def _full_year(written: str) -> int:
    """The year; 0 where there is none. Two digits are of 1970 to 2069."""
    year = int(written or 0)
    return year if len(written) != 2 else year + (2000 if year < 70 else 1900)


def _time(language: Language) -> Rule:
    def say(match: re.Match[str]) -> str:
        parts = match.groupdict()
        said = language.time(int(parts["h"]), int(parts["m"] or parts.get("m2") or 0))
        if not parts["s"]:
            return said
        seconds = language.count(Decimal(parts["s"]), str(int(parts["s"])), language.units["s"])
        return f"{said} {language.symbols['&']} {seconds}"

    return re.compile(rf"(?<![\d:.,]){language.times}(?![\d:])"), say


def _year(language: Language) -> Rule:
    def say(match: re.Match[str]) -> str:
        return match.group()[: match.start("y") - match.start()] + language.year(int(match["y"]))

    return re.compile(language.years), say


def _amount(language: Language, number: str, sign: str, magnitude: str | None) -> str:
    currency = language.currencies[sign]
    if magnitude:
        said = language.agree(language.say(number), Noun(magnitude, magnitude))
        return f"{said} {magnitude} {currency.unit.many}"
    value = language.parse(number)
    whole, cents = int(value), int(value % 1 * 100)
    if not cents or value != value.quantize(Decimal("0.01")):
        return language.count(value, number if value % 1 else str(whole), currency.unit)
    said_cents = language.count(Decimal(cents), str(cents), currency.cent)
    if not whole:
        return said_cents
    said = language.count(Decimal(whole), str(whole), currency.unit)
    return language.money.format(whole=said, cents=said_cents, number=language.cardinal(cents))


def _money_before(language: Language) -> Rule:
    signs = [s for s in language.currencies if not s.istitle() or len(s) == 1]
    pattern = (
        rf"(?<!\w)(?P<sign>{alternatives(signs)})\s?(?P<n>{language.number})"
        rf"(?:\s(?P<magnitude>{alternatives(language.magnitudes)})\b)?(?!\w)"
    )
    return re.compile(pattern), lambda m: _amount(language, m["n"], m["sign"], m["magnitude"])


def _money_after(language: Language) -> Rule:
    pattern = (
        rf"(?<![\w.,])(?P<n>{language.number})(?:\s(?P<magnitude>{alternatives(language.magnitudes)}))?"
        rf"\s?(?P<sign>{alternatives(language.currencies)})(?!\w)"
    )
    return re.compile(pattern), lambda m: _amount(language, m["n"], m["sign"], m["magnitude"])


def _units(language: Language) -> Rule:
    pattern = rf"(?<![\w.,])(?P<n>{language.number})\s?(?P<unit>{alternatives(language.units)})(?![\w/²³])"
    return re.compile(pattern), lambda m: language.count(language.parse(m["n"]), m["n"], language.units[m["unit"]])


def _score(language: Language) -> Rule:
    """What is no time: 3:2, 16:9."""
    return re.compile(r"(?<=\d):(?=\d)"), lambda _: f" {language.against} "


def _dotted(language: Language) -> Rule:
    """Addresses and versions, and a decimal point where the language has a comma; not a number as it writes them."""
    number = re.compile(language.number)

    def say(match: re.Match[str]) -> str:
        if number.fullmatch(match.group()):
            return match.group()
        first, *others = match.group().split(".")
        said = [language.digits(others[0])] if len(others) == 1 else [language.say(part) for part in others]
        before = " " if match.string[: match.start()][-1:].isalpha() else ""
        return before + f" {language.dot} ".join([language.say(first), *said])

    return re.compile(r"(?<![\d.,])\d+(?:\.\d+)+(?![.,]?\d)"), say


def _difference(language: Language) -> Rule:
    return re.compile(r"(?<=\d) ?- ?(?=\d[\d.,]* ?=)|(?<=\b[a-z]) - (?=\w\b)"), lambda _: f" {language.minus} "


def _range(language: Language) -> Rule:
    return re.compile(r"(?<=\d)\s?[-–]\s?(?=\d)"), lambda _: f" {language.to} "


def _minus(language: Language) -> Rule:
    return re.compile(r"(?<![\w)])[-–](?=[\d$€£])"), lambda _: f"{language.minus} "


def _fractions() -> Rule:
    """Those that have a name, as the one character that `symbols` has it for."""
    named = {"1/2": "½", "1/4": "¼", "3/4": "¾", "1/3": "⅓", "2/3": "⅔"}
    return re.compile(r"(?<![\d/.,])(?:1/[234]|[23]/[34])(?![\d/])"), lambda m: named.get(m.group(), m.group())


def _mixed(language: Language) -> Rule:
    return re.compile(r"(?<=\d) ?(?=[½⅓⅔¼¾])"), lambda _: f" {language.mixed} "


def _numbers(language: Language) -> Rule:
    def say(match: re.Match[str]) -> str:
        before = " " if match.start() and match.string[match.start() - 1].isalpha() else ""
        after = " " if match.string[match.end() : match.end() + 1].isalpha() else ""
        return f"{before}{language.say(match.group())}{after}"

    return re.compile(language.number), say
