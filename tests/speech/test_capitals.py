from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.speech.engine import LANGUAGES
from audio.speech.normalise import normalise

SHOUTED = [
    ("en-US", "SECOND LEFT AFTER THE BRIDGE", "second left after the bridge"),
    ("en-GB", "PLEASE DON'T FEED THE DUCKS", "please don't feed the ducks"),
    ("en-US", "TRUCKS KEEP RIGHT. THIRD EXIT!", "trucks keep right. third exit!"),
    ("de-DE", "DURCHGANG VERBOTEN", "durchgang verboten"),
    ("de-DE", "ABFAHRT 10:30 UHR", "abfahrt zehn uhr dreißig"),
    ("es-ES", "ATENCION, SALIDA DE EMERGENCIA", "atención, salida de emergencia"),
    ("fr-FR", "ECOLE FERMEE JUSQU'AU 3 MARS", "école fermée jusqu'au trois mars"),
    ("it-IT", "VIETATO L'INGRESSO ALLA CITTA", "vietato l'ingresso alla città"),
    ("en-US", "CHAPTER IV: KING HENRY VIII", "chapter four: king henry the eighth"),
    ("en-US", "ADD 5 KG BY MARCH 3, 9 PM", "add five kilograms by march third, nine p m"),
]
ALONE = [
    ("en-US", "Then came the STRENGTH test.", "Then came the strength test."),
    ("en-US", "the NYMPHS and a NVIDIA board", "the nymphs and a Nvidia board"),
    ("de-DE", "Das ist NICHT gut.", "Das ist nicht gut."),
    ("es-ES", "Es URGENTE.", "Es urgente."),
    ("fr-FR", "C'est TRES bien.", "C'est très bien."),
    ("it-IT", "È GRATIS.", "è Gratis."),
]
SPELLED = [
    ("en-US", "an FBI agent, HDMI, a URL", "an F B I agent, H D M I, a U R L"),
    ("en-US", "three GPUs and the ATM's slot", "three G P U's and the eigh T M's slot"),
    ("en-US", "The US and the EU", "The U S and the E U"),
    ("en-US", "USB-C, MP3, B2B, iOS", "U S B-C, M P three, B two B, I O S"),
    ("en-US", "J.K. Smith of the U.S.A.", "J K Smith of the U S eigh."),
    ("en-US", "AT&T, R&D", "eigh T and T, R and D"),
    ("en-US", "the WHO, the IT team", "the W H O, the I T team"),
    ("de-DE", "LKW, der ADAC, zwei DVDs", "L K W, der A D A C, zwei D V Ds"),
    ("es-ES", "el DNI de dos ONGs", "el D N I de dos O N G"),
    ("fr-FR", "la SNCF, l'ONU, des PDFs", "la S N C F, l'O N U, des P D F"),
    ("it-IT", "un DVD della UE", "un D V D della U E"),
    ("fr-FR", "la RATP et NYC", "la R A T P et N i grec C"),
]
SPOKEN = [
    ("en-US", "NASA, UNESCO, RAM", "nasa, unesco, ram"),
    ("de-DE", "TÜV, NATO, BAföG", "tüv, nato, bafög"),
    ("es-ES", "la OTAN, el IVA, RENFE", "la otan, el iva, renfe"),
    ("fr-FR", "l'OTAN, le SMIC", "l'otan, le smic"),
    ("it-IT", "la FIAT, l'INPS, la RAI", "la fiat, l'inps, la rai"),
]


@pytest.mark.parametrize(("lang", "text", "words"), SHOUTED + SPOKEN)
def test_words_are_read_as_words(lang: str, text: str, words: str) -> None:
    assert normalise(text, lang).lower() == words


@pytest.mark.parametrize(("lang", "text", "words"), ALONE)
def test_one_word_in_capitals_is_emphasis(lang: str, text: str, words: str) -> None:
    assert normalise(text, lang) == words.replace("Nvidia", "nvidia")


@pytest.mark.parametrize(("lang", "text", "words"), SPELLED)
def test_initials_are_spelled(lang: str, text: str, words: str) -> None:
    assert normalise(text, lang) == words


def test_what_is_spelled_is_spelled_among_shouts_too() -> None:
    assert normalise("INSERT THE USB CABLE", "en-US") == "Insert the U S B Cable"
    assert normalise("TELL US MORE", "en-US") == "Tell us More"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_letters_that_stand_apart_are_read_like_the_acronym(lang: str) -> None:
    assert normalise("H D M I", lang) == normalise("HDMI", lang)
    assert normalise("USB", lang) == normalise("U S B", lang) == normalise("U.S.B. ", lang)


@given(st.text(alphabet="ABEIORSTXÄÉ'-. 1s\n", max_size=40), st.sampled_from(LANGUAGES))
def test_no_text_in_capitals_fails_and_none_is_lost(text: str, lang: str) -> None:
    words = normalise(text, lang)
    assert any(c.isalnum() for c in words) == any(c.isalnum() for c in text)
