"""Acronyms that no lexicon tells from words: those that look like words and are spelled, and the reverse.

What nobody could pronounce (HDMI, FBI) and what everybody does (UNESCO) needs no row: `lexicon` tells it. Conventions:
lower case, by language. Chosen: those of signs, manuals, news and messages. Some are words as well (us, led): where all
around them is in capitals too, they are read as words.
"""

from __future__ import annotations

from functools import cache

_SPELLED = {
    "": """
        abc ai api ar atm ceo cia eeg emi ibm icu id ie io ios iot ip iq isp lte ocr oem os ota pa ssd ui uk ups url
        usb uv uwb vr""",
    "en": """
        aa aaa adhd aka ama aol apr asap asl bae bce cio coo ea eca ee eea ema emea emt ep epa er erp esl esp est eta
        eu fyi gao ge gi gop gui hiv hoa hr imo iou ips irl isa ivf la led mit mou ne ngo nj ny nyc nypd nyu oa pe
        poa pta rip rna roi rv sat seo sos suv tba tia tsa uae uc ucla ufo un upc us usa usaf usc ussr va vat
        vip""",
    "de": """
        abm adac aeg afd ag agb aok ard au basf bge bse edv eg ekg eu ewg fh gez gmbh hno ice ihk it kfz ki led
        lkw mrt oeg og op ops orf pkw sos spd tu uki ukw usa ust uvp zdf""",
    "es": "adn afp bce dgt dni fmi ia iae ibi oea oms ong rne sos ue ugt vih",
    "fr": "adn aoc bce bd bu cee cgt edf eu fmi hlm ia ivg ogm oms onu ong pib pme rer rsa rtt sav sos tva ue usa vae",
    "it": "adn bce fmi ia oms ong pil sos srl tfr ue",
}
_SPOKEN = {
    "": "bios cern covid din dos fifa gif iso jpeg lan lidar mpeg nas nasa nato ram rom ros sim pin sars sap wan",
    "en": "aids awol fema gnu lol mips nafta osha pac posix scuba sonar swat taser",
    "de": "aids bafög gema schufa tüv uno vip dax dekra efta ufo",
    "es": "imserso iva led onu otan ovni psoe pyme renfe sepe sida ufo usa vip",
    "fr": "assedic crous ena fnac insee led otan ovni sida smic vip zac zep",
    "it": "asl coni enea enel fiat inail inps istat iva led nas ocse onu rai sip tar ufo uil usa vip",
}


@cache
def spelled(lang: str) -> frozenset[str]:
    """What is said letter by letter in this language."""
    return frozenset(_SPELLED[""].split() + _SPELLED[lang[:2]].split()) - spoken(lang)


@cache
def spoken(lang: str) -> frozenset[str]:
    """What is said as a word in this language."""
    own = frozenset(_SPOKEN[lang[:2]].split())
    return own | (frozenset(_SPOKEN[""].split()) - frozenset(_SPELLED[lang[:2]].split()))
