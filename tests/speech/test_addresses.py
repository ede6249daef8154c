from __future__ import annotations

import pytest

from audio.speech.clean import clean
from audio.speech.normalise import normalise


@pytest.mark.parametrize(
    ("lang", "text", "words"),
    [
        ("en-US", "Go to acme.ai.", "Go to acme dot eigh I."),
        ("en-US", "acme.io/docs/start", "acme dot I O slash docs slash start"),
        (
            "en-US",
            "https://acme.com:80/a_b?c=d",
            "acme dot com colon eighty slash a underscore b question mark c equals d",
        ),
        ("en-US", "jo.doe@my-mail.co.uk", "jo dot doe at my dash mail dot co dot U K"),
        ("en-US", "open notes.txt, /etc/hosts", "open notes dot T X T, slash etc slash hosts"),
        ("de-DE", "firma.de/hilfe", "firma Punkt D E Schrägstrich hilfe"),
        ("es-ES", "tienda.es", "tienda punto es"),
        ("fr-FR", "mairie.fr", "mairie point F R"),
        ("it-IT", "comune.it/orari", "comune punto it barra orari"),
    ],
)
def test_addresses_are_read_part_by_part(lang: str, text: str, words: str) -> None:
    assert normalise(clean(text, lang), lang) == words


def test_sentences_are_no_addresses() -> None:
    assert normalise("The end.In time", "en-US") == "The end.In time"


@pytest.mark.parametrize(
    ("lang", "text", "words"),
    [
        ("de-DE", "am 7. Nov 2019", "am siebten November zweitausend neunzehn"),
        ("de-DE", "3. Dez. und 24.12.21", "dritter Dezember und vierundzwanzigster Dezember zweitausend einundzwanzig"),
        ("es-ES", "7 nov 2019", "siete de noviembre dos mil diecinueve"),
        ("fr-FR", "le 7 nov. 2019", "le sept novembre deux mille dix-neuf"),
        ("it-IT", "il 7 nov 2019", "il sette novembre duemila diciannove"),
        ("en-US", "7/4/19, on 7/4", "July fourth, twenty nineteen, on July fourth"),
        ("en-GB", "on 4/7", "on the fourth of July"),
        ("it-IT", "3 set al giorno", "tre set al giorno"),
    ],
)
def test_months_cut_short_are_months(lang: str, text: str, words: str) -> None:
    assert normalise(text, lang) == words
