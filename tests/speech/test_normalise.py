from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.speech.clean import MAX_LENGTH
from audio.speech.engine import LANGUAGES
from audio.speech.normalise import normalise

ENGLISH = [
    ("There are 365 days.", "There are three hundred sixty five days."),
    ("It is 1,250 m long.", "It is one thousand two hundred fifty meters long."),
    ("3.14 and .5", "three point one four and zero point five"),
    ("Agent 007", "Agent zero zero seven"),
    ("the 1st, 2nd and 21st", "the first, second and twenty first"),
    ("March 3, 1989.", "March third, nineteen eighty nine."),
    (
        "It began in 1905, in 2005 and in 2027.",
        "It began in nineteen oh five, in two thousand five and in twenty twenty seven.",
    ),
    ("The 1920s", "The nineteen twenties"),
    ("12/31/2024", "December thirty first, twenty twenty four"),
    ("2024-02-01", "February first, twenty twenty four"),
    ("at 7:45 or 9:00 or 6:05", "at seven forty five or nine o'clock or six oh five"),
    ("at 9:00 AM or 5:30 p.m.", "at nine eigh M or five thirty P M"),
    ("$15, $3.50, $1, $0.99", "fifteen dollars, three dollars and fifty cents, one dollar, ninety nine cents"),
    ("$3 million or 20 €", "three million dollars or twenty euros"),
    ("-5°C and 50% of 1 kg", "minus five degrees Celsius and fifty percent of one kilogram"),
    ("30 km/h, 8-17 years", "thirty kilometers per hour, eight to seventeen years"),
    ("Call 555-1234.", "Call five five five, one two three four."),
    ("Write to me@example.com.", "Write to me at example dot com."),
    ("See www.example.com/a.", "See w w w dot example dot com slash a."),
    ("Dr. Smith, 5 Hill Dr. near St. Paul's", "Doctor Smith, five Hill Drive near Saint Paul's"),
    ("Bread, milk, etc. & more", "Bread, milk, et cetera and more"),
    ("1/2 + 3/4 = ?", "one half plus three quarters equals?"),
    ("iPhone 12 with 5G", "iPhone twelve with five G"),
    ("NASA, the FBI, HDMI and a TV", "nasa, the F B I, H D M I and a T V"),
    ("HDMI", "H D M I"),
    ("$1.5M, $3bn and $-5", "one point five million dollars, three billion dollars and minus five dollars"),
    ("the '90s and the 1800s", "the nineties and the eighteen hundreds"),
    (
        "from 192.168.0.1, v1.2.3",
        "from one hundred ninety two dot one hundred sixty eight dot zero dot one, v one dot two dot three",
    ),
    ("2 1/2 cups", "two and one half cups"),
    ("12:30:45", "twelve thirty and forty five seconds"),
    ("It ended 3:2 at 24:00", "It ended three to two at twenty four hundred"),
    ("2024-01-15T10:30Z", "January fifteenth, twenty twenty four ten thirty"),
    ("1-800-555-0199", "one, eight zero zero, five five five, zero one nine nine"),
    ("+1 (555) 123-4567", "one, five five five, one two three, four five six seven"),
    ("Henry VIII, Chapter IV, WWII, I am", "Henry the eighth, Chapter four, World War Two, I am"),
    ("Jan 5 and 5 Dec", "January fifth and five December"),
    ("1-2 p.m.", "one to two P M"),
    ("3 - 2 = 1", "three minus two equals one"),
    ("#music in C#, see example.com", "hashtag music in C sharp, see example dot com"),
    ("a 4x4", "a four times four"),
    ("Take IV fluids, Class IV, World War II, Rocky II", "Take I V fluids, Class four, World War two, Rocky two"),
    (
        "the 90s were loud, the 80s music, the 30s timeout",
        "the nineties were loud, the eighties music, the thirty seconds timeout",
    ),
    ("Ms. Hall and Ms Bell", "Miz Hall and Miz Bell"),
]
OTHERS = [
    ("en-GB", "31/12/2024", "the thirty first of December, twenty twenty four"),
    ("en-GB", "on 3 March 2020", "on the third of March, twenty twenty"),
    ("en-GB", "101 people", "one hundred and one people"),
    ("de-DE", "am 3. März 1989", "am dritten März neunzehnhundert neunundachtzig"),
    ("de-DE", "der 1. Mai", "der erste Mai"),
    ("de-DE", "vom 31.12.2024", "vom einunddreißigsten Dezember zweitausend vierundzwanzig"),
    ("de-DE", "um 7:45 Uhr oder 8.30 Uhr", "um sieben Uhr fünfundvierzig oder acht Uhr dreißig"),
    ("de-DE", "3,50 € und 1 €", "drei Euro fünfzig und ein Euro"),
    ("de-DE", "1.500.000 Euro", "eine Million fünfhundert tausend Euro"),
    ("de-DE", "z. B. ca. 3,5 kg", "zum Beispiel circa drei Komma fünf Kilogramm"),
    ("de-DE", "Hauptstr. 5", "Hauptstraße fünf"),
    ("es-ES", "a las 7:45", "a las siete y cuarenta y cinco"),
    ("es-ES", "el 31/12/2024", "el treinta y uno de diciembre de dos mil veinticuatro"),
    ("es-ES", "3,50 €, 21 €, 1 €", "tres euros con cincuenta céntimos, veintiún euros, un euro"),
    ("es-ES", "El Sr. García, el 1.º", "El señor García, el primero"),
    ("es-ES", "1.500.000", "un millón quinientos mil"),
    ("fr-FR", "à 7h45, à 19 h", "à sept heures quarante-cinq, à dix-neuf heures"),
    ("fr-FR", "le 1er mars, la 2e fois", "le premier mars, la deuxième fois"),
    ("fr-FR", "M. Dupont et Mme Martin, n° 5", "Monsieur Dupont et Madame Martin, numéro cinq"),
    ("fr-FR", "au XXe siècle", "au vingtième siècle"),
    ("fr-FR", "1 500 000 € ou 3,50 €", "un million cinq cent mille euros ou trois euros cinquante"),
    ("it-IT", "alle 7:45", "alle sette e quarantacinque"),
    ("it-IT", "nel 1989", "nel mille novecentottantanove"),
    ("it-IT", "Costa 3,50 €.", "Costa tre euro e cinquanta."),
    ("it-IT", "la Sig.ra Bianchi, pag. 5", "la signora Bianchi, pagina cinque"),
    ("it-IT", "365 giorni", "trecento sessantacinque giorni"),
    ("en-GB", "50p or £3m at 5.30pm", "fifty pence or three million pounds at five thirty P M"),
    ("de-DE", "die 90er und die 1920er", "die neunziger und die neunzehnhundert zwanziger"),
    ("de-DE", "1 Stunde, 1 Tag, 1 Million, 1 Uhr", "eine Stunde, ein Tag, eine Million, ein Uhr"),
    ("de-DE", "Ludwig XIV. baute, Kapitel IV", "Ludwig der Vierzehnte baute, Kapitel vier"),
    ("de-DE", "Mo.-Fr. 10:00-12:00 Uhr, 5,- €", "Montag bis Freitag zehn Uhr bis zwölf Uhr, fünf Euro"),
    ("de-DE", "3.14 oder 3,14; 3:2", "drei Punkt eins vier oder drei Komma eins vier; drei zu zwei"),
    ("es-ES", "21 años, 21 personas, 200 casas", "veintiún años, veintiuna personas, doscientas casas"),
    ("es-ES", "21 de marzo, 30 min, 3.14", "veintiuno de marzo, treinta minutos, tres punto uno cuatro"),
    ("es-ES", "el siglo XXI, Felipe VI, Isabel II", "el siglo veintiuno, Felipe sexto, Isabel segunda"),
    ("es-ES", "a las 7.45, a las 12:00:05", "a las siete y cuarenta y cinco, a las doce y cinco segundos"),
    ("es-ES", "½ hora, 2 ½", "media hora, dos y un medio"),
    ("fr-FR", "Mlle Rose, M. et Mme Dupont, Dr Roux", "Mademoiselle Rose, Monsieur et Madame Dupont, Docteur Roux"),
    (
        "fr-FR",
        "Louis XIV, 24h/24, 21 pages",
        "Louis quatorze, vingt-quatre heures sur vingt-quatre, vingt et une pages",
    ),
    ("it-IT", "1 ora, 1 uomo, 1 zaino, 1 casa, 1 per cento", "un'ora, un uomo, uno zaino, una casa, uno per cento"),
    ("fr-FR", "Vers midi, il part. Vers la fin", "Vers midi, il part. Vers la fin"),
    ("fr-FR", "François Ier, la Ire et la 1ère fois", "François premier, la première et la première fois"),
    ("fr-FR", "VVVXe siècle, 0e", "VVVXe siècle, zéro e"),
    ("fr-FR", "XXe siècle, XIXème, les 2es", "vingtième siècle, dix-neuvième, les deuxième"),
    (
        "es-ES",
        "El capítulo 21 termina. El número 1 gana. Versión 21 nueva",
        "El capítulo veintiuno termina. El número uno gana. Versión veintiuno nueva",
    ),
    ("es-ES", "5 mil millones de €, 2 mil €", "cinco mil millones de euros, dos mil euros"),
    (
        "es-ES",
        "3 millones de $, 1 millón de €, $5 mil",
        "tres millones de dólares, un millón de euros, cinco mil dólares",
    ),
    ("es-ES", "21 mil personas, $20 diarios", "veintiún mil personas, veinte dólares diarios"),
    ("es-ES", "007 agentes", "cero cero siete agentes"),
    ("es-ES", "1 200 cajas, 1.000 casas", "mil doscientas cajas, mil casas"),
    ("it-IT", "Capitolo 1 inizia, numero 1 vince", "Capitolo uno inizia, numero uno vince"),
    ("it-IT", "Luigi XIV, il XXI secolo, n° 5", "Luigi quattordicesimo, il ventunesimo secolo, numero cinque"),
]


@pytest.mark.parametrize(("text", "words"), ENGLISH)
def test_english(text: str, words: str) -> None:
    assert normalise(text, "en-US") == words


@pytest.mark.parametrize(("lang", "text", "words"), OTHERS)
def test_other_languages(lang: str, text: str, words: str) -> None:
    assert normalise(text, lang) == words


@pytest.mark.parametrize("lang", LANGUAGES)
def test_words_stay_as_they_are(lang: str) -> None:
    text = "Radio, hotel, taxi; internet - musical: animal! Qu'est-ce?"
    assert normalise(text, lang) == text


@given(
    st.text(alphabet="0123456789 .,:/-+%$€°hkgmaAptTeDrSsMz\n", max_size=60),
    st.sampled_from(LANGUAGES),
)
def test_no_digit_is_left_and_nothing_fails(text: str, lang: str) -> None:
    assert not re.search(r"\d", normalise(text, lang))


@given(
    st.lists(
        st.one_of(
            st.from_regex(r"\A0{0,3}[1-9]?\d{0,2}([., '][0-9]{3}){0,40}\Z"),
            st.from_regex(r"\A\d{1,20}([.,]\d{1,20})?\Z"),
            st.sampled_from(["€", "$", "£", "US$", "kg", "°C", "%", "h", "º", "er", "e"]),
            st.sampled_from(["personas", "años", "millones", "mil", "ora", "fois", "people", "número", "XX"]),
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(["", " "]),
    st.sampled_from(LANGUAGES),
)
def test_no_number_with_what_it_counts_fails(parts: list[str], between: str, lang: str) -> None:
    assert not re.search(r"\d", normalise(between.join(parts), lang))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_long_number_before_a_noun_is_said_digit_by_digit(lang: str) -> None:
    group = "," if lang.startswith("en") else "."
    words = normalise("1" + f"{group}000" * 30 + " personas", lang)
    assert words.endswith(" personas")
    assert len(words.split()) == 92


@pytest.mark.parametrize("unit", ["1", "1 ", "1,", "1.1", "a.b", "1-", "$1 ", "a@", "1/1/", "www.", "I", "Dr. "])
def test_the_time_is_bounded(unit: str) -> None:
    text = (unit * MAX_LENGTH)[:MAX_LENGTH]
    for lang in ("en-US", "de-DE", "fr-FR"):
        begin = time.process_time()
        normalise(text, lang)
        assert time.process_time() - begin < 5


@pytest.mark.parametrize(
    ("lang", "text", "said"),
    [
        ("en-US", "Open Mon-Fri, Sat. – Sun. closed.", "Open Monday to Friday, Saturday to Sunday closed."),
        ("en-US", "A Mon-amour and the sun-dial.", "A Mon-amour and the sun-dial."),
        ("en-GB", "ext. 42, 3 oz., 2 tsp. of salt", "extension forty two, three ounces, two teaspoons of salt"),
        ("en-US", "ph. (212) 555-0187", "phone two one two, five five five, zero one eight seven"),
        (
            "de-DE",
            "Mo-Fr, Abt. III, 2. OG, im EG",
            "Montag bis Freitag, Abteilung drei, zweites Obergeschoss, im Erdgeschoss",
        ),
        ("de-DE", "Die Do-it-yourself-Ecke, und so-so.", "Die Do-it-yourself-Ecke, und so-so."),
        ("es-ES", "L-V, 3.º izq., 2.º dcha.", "lunes a viernes, tercero izquierda, segundo derecha"),
        ("fr-FR", "Ouvert lun-ven, sam.-dim. fermé", "Ouvert lundi à vendredi, samedi à dimanche fermé"),
        (
            "it-IT",
            "lun-ven; numero verde 800 123 456",
            "lunedì a venerdì; numero verde otto zero zero, uno due tre, quattro cinque sei",
        ),
    ],
)
def test_opening_hours_floors_and_extensions(lang: str, text: str, said: str) -> None:
    assert normalise(text, lang) == said
