"""Writes out what is not a word: numbers, dates, times, amounts, units, abbreviations, as the language says them.

Engines read some of this, each in its own way and some of it wrongly; here it is said the same way by all of them.
What each language says is in `languages`; the order of the rules is here, from what is most to what is least special.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache

from audio.speech.languages import Language, of
from audio.speech.languages.language import LONGEST_NUMBER, Noun

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


def normalise(text: str, lang: str) -> str:
    """The text in words."""
    for pattern, replace in _rules(lang):
        text = pattern.sub(replace, text)
    return re.sub(r" +", " ", text).strip()


@cache
def _rules(lang: str) -> list[Rule]:
    language = of(lang)
    rules = [_endless(language), *_plain()]
    rules += [_abbreviation(pattern, words) for pattern, words in language.abbreviations]
    rules += [_addresses(language), *(_date(language, pattern) for pattern in language.dates)]
    rules += [_telephone(language), _difference(language), _range(language), _year(language)]
    rules += [(re.compile(pattern), replace) for pattern, replace in language.rules]
    rules += [_time(language), _score(language), _dotted(language), _minus(language)]
    rules += [_money_before(language), _money_after(language), _units(language)]
    rules += [_fractions(), _mixed(language), _numbers(language), _symbols(language), _letters()]
    return rules


def _endless(language: Language) -> Rule:
    """Long runs of digits, before other rules search them for what is not there."""
    return re.compile(rf"\d{{{LONGEST_NUMBER + 1},}}"), lambda m: f" {language.digits(m.group())} "


def _plain() -> list[Rule]:
    """What means the same in every language: the T and the Z of a time stamp, a hashtag, 4x4."""
    return [
        (re.compile(r"(?<=\d)T(?=\d\d:\d\d)"), lambda _: " "),
        (re.compile(r"(?<=:\d\d)(?:\.\d+)?Z\b"), lambda _: ""),
        (re.compile(r"#(?=[^\W\d])"), lambda _: "hashtag "),
        (re.compile(r"(?<=\d)\s?x\s?(?=\d)"), lambda _: " × "),
    ]


def _abbreviation(pattern: str, words: str) -> Rule:
    return re.compile(pattern), lambda m: m.expand(words)


def _addresses(language: Language) -> Rule:
    """Addresses of pages and of mail, part by part."""
    dot, slash = language.dot, language.slash

    def say(match: re.Match[str]) -> str:
        address = re.sub(r"^https?://", "", match.group())
        ending = "." if address.endswith(".") else ""
        address = address.rstrip("./").replace("www.", "w w w.")
        address = address.replace(".", f" {dot} ").replace("/", f" {slash} ").replace("-", " ").replace("_", " ")
        return address.replace("@", f" {language.symbols['@']} ") + ending

    mail = r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+"
    page = r"(?<![\w.-])(?:[\w-]{1,64}\.){1,4}(?:com|org|net|edu|gov|eu)\b(?:/\S*)?"
    return re.compile(rf"https?://\S+|\bwww\.\S+|{mail}|{page}"), say


def _telephone(language: Language) -> Rule:
    parts = (
        r"(?<![\w-])\+?\d{1,5}(?:-\d{2,5}){2,}(?![\w-])",
        r"(?<![\w-])\d{3}-\d{4}(?![\w-])",
        r"(?<!\w)\+\d[\d ]{7,}\d",
        r"(?<!\w)(?:\+?\d{1,3}[ -])?\(\d{2,5}\)[ -]?\d{2,4}(?:[ -]\d{2,5})+",
        r"(?<![\w.,/])0\d{1,5}/\d{4,}(?![\w/])",
    )
    pattern = "|".join(parts)
    return re.compile(pattern), lambda m: ", ".join(language.digits(g) for g in re.findall(r"\d+", m.group()))


def _date(language: Language, pattern: str) -> Rule:
    def say(match: re.Match[str]) -> str:
        parts = match.groupdict()
        month = language.months.index(parts["m"]) + 1 if not parts["m"].isdigit() else int(parts["m"])
        day, year, before = int(parts["d"]), int(parts.get("y") or 0), parts.get("before") or ""
        if not (1 <= month <= 12 and 1 <= day <= 31):
            return match.group()
        return language.date(day, month, year, before)

    return re.compile(rf"(?<![\d/.,-]){pattern}(?![\d/-])"), say


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


def _alternatives(words: object) -> str:
    return "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))  # type: ignore[call-overload]


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
        rf"(?<!\w)(?P<sign>{_alternatives(signs)})\s?(?P<n>{language.number})"
        rf"(?:\s(?P<magnitude>{_alternatives(language.magnitudes)})\b)?(?!\w)"
    )
    return re.compile(pattern), lambda m: _amount(language, m["n"], m["sign"], m["magnitude"])


def _money_after(language: Language) -> Rule:
    pattern = (
        rf"(?<![\w.,])(?P<n>{language.number})(?:\s(?P<magnitude>{_alternatives(language.magnitudes)}))?"
        rf"\s?(?P<sign>{_alternatives(language.currencies)})(?!\w)"
    )
    return re.compile(pattern), lambda m: _amount(language, m["n"], m["sign"], m["magnitude"])


def _units(language: Language) -> Rule:
    pattern = rf"(?<![\w.,])(?P<n>{language.number})\s?(?P<unit>{_alternatives(language.units)})(?![\w/²³])"
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
    return re.compile(r"(?<=\d) - (?=\d[\d.,]* ?=)"), lambda _: f" {language.minus} "


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


def _symbols(language: Language) -> Rule:
    return re.compile(f"[{re.escape(''.join(language.symbols))}]"), lambda m: f" {language.symbols[m.group()]} "


def _letters() -> Rule:
    """Capitals that cannot be said as a word, letter by letter: HDMI, but not NASA."""
    unsayable = re.compile(r"[^AEIOUYÄÖÜ]{3}|^[^AEIOUYÄÖÜ]+$")

    def say(match: re.Match[str]) -> str:
        return " ".join(match.group()) if unsayable.search(match.group()) else match.group()

    return re.compile(r"\b(?!PM\b)[A-ZÄÖÜ]{2,6}\b"), say
