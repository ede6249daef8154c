"""Text in, sound out: text cleaning, normalization, segmentation, synthesis, levelling, encoding.

A part of a text is what is levelled by itself: a sentence, or a paragraph where the engine takes paragraphs. It sounds
the same alone as within the whole text, so that who plays it part by part hears what one call would give.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from audio.errors import BadInput, SpeechFailed
from audio.pcm import Pcm
from audio.speech import engine as engines
from audio.speech.cache import Cache
from audio.speech.clean import MAX_LENGTH, clean
from audio.speech.encode import encode, pack
from audio.speech.engine import LANGUAGES, Speech, Utterance, Voice
from audio.speech.loudness import finish
from audio.speech.natural import NaturalPool
from audio.speech.normalise import normalise
from audio.speech.pool import Pool
from audio.speech.split import Piece, parts, split

# Chosen: what a server process can hold and a listener can bear; 600 pieces are all lines of a text of 5000 characters
# that says something.
LONGEST_SECONDS = 900.0
LONGEST_WORDS = 3 * MAX_LENGTH
MOST_PIECES = 600
# Chosen, in bytes: some 200 answers, and as many sentences at 16 kHz.
CACHE_BYTES, SENTENCE_BYTES = 32 * 1024 * 1024, 8 * 1024 * 1024
# Chosen, in bytes: some tens of long texts, which are asked for part by part at once.
TEXT_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Request:
    """What is to be spoken, and how.

    voice None: the default of the language. rate, pitch, volume: factors. form: one of `encode.FORMATS`. part: the one
    part that is wanted, from 0; None: all of the text.
    """

    text: str
    lang: str
    voice: str | None = None
    rate: float = 1.0
    pitch: float = 1.0
    volume: float = 1.0
    form: str = "wav"
    part: int | None = None


@dataclass(frozen=True)
class EncodedSpeech:
    """A sound file, packed for JSON. duration in seconds, sample_rate in Hz; parts: how many the text has."""

    packed: str
    sample_rate: int
    duration: float
    voice: str
    parts: int


class Speaker:
    """Speaks by one engine. Safe in many threads at once; the same request gives the same bytes."""

    def __init__(self, engine: str, pool: Pool | NaturalPool | None = None, others: Sequence[Voice] = ()) -> None:
        """pool: what speaks, where it is not the engine's own. others: voices that it has beside the engine's."""
        self.engine = engines.find(engine)
        self.pool = pool or Pool(engine)
        self._voices = (*self.engine.voices, *others)
        self._cache: Cache[EncodedSpeech] = Cache(CACHE_BYTES)
        self._sentences: Cache[Speech] = Cache(SENTENCE_BYTES)
        self._texts: Cache[list[list[Piece]]] = Cache(TEXT_BYTES)

    def speak(self, request: Request) -> EncodedSpeech:
        """The sound of a text, or of one part of it.

        Raises
        ------
        BadInput
            The text holds nothing that can be spoken or is too long, or the language, voice or part is none.
        Busy
            Too many wait already; it says when to come again.
        SpeechFailed
            The engine failed, or gave nothing but silence.
        """
        known = self._cache.get(request)
        if known is None:
            known = self._synthesize(request)
            self._cache.put(request, known, len(known.packed) + sys.getsizeof(request.text))
        return known

    def voices(self, lang: str | None = None) -> list[Voice]:
        """The voices of a language, its default first; of all of them where none is named."""
        return [v for v in self._voices if lang in (None, v.lang)]

    def voice(self, lang: str, name: str | None) -> str:
        """The name of the voice. Raises BadInput where the language has none of this name."""
        if lang not in LANGUAGES:
            raise BadInput(f"'lang' must be one of {', '.join(LANGUAGES)}.", field="lang")
        names = [v.name for v in self.voices(lang)]
        if name is None:
            return names[0]
        if name not in names:
            raise BadInput(f"'voice' must be one of {', '.join(names)} where 'lang' is {lang}.", field="voice")
        return name

    def _synthesize(self, request: Request) -> EncodedSpeech:
        voice = self.voice(request.lang, request.voice)
        every = self._parts(request.text, request.lang)
        wanted = _wanted(request.part, len(every))
        chosen = every[wanted.start : wanted.stop]
        pieces = [piece for part in chosen for piece in part]
        speeches = self._speak([Utterance(p.text, request.lang, voice, request.rate, request.pitch) for p in pieces])
        _check(speeches, whole=len(chosen) == len(every))
        spoken = iter(zip(speeches, [p.pause for p in pieces], strict=True))
        samples, rate = finish(
            [[next(spoken) for _ in part] for part in chosen],
            request.volume,
            self.engine.emphasis,
            begins=wanted.start == 0,
            ends=wanted.stop == len(every),
        )
        pcm = Pcm(samples.reshape(-1, 1), rate)
        return EncodedSpeech(pack(encode(pcm, request.form), request.form), rate, pcm.seconds, voice, len(every))

    def _parts(self, text: str, lang: str) -> list[list[Piece]]:
        """The parts of a text. Who asks for one after the other has it cleaned, written out and cut once."""
        known = self._texts.get((text, lang))
        if known is None:
            known = parts(self._pieces(text, lang))
            size = sys.getsizeof(text) + sum(sys.getsizeof(piece.text) for part in known for piece in part)
            self._texts.put((text, lang), known, size)
        return known

    def _pieces(self, text: str, lang: str) -> list[Piece]:
        words = normalise(clean(text, lang), lang)
        if len(words) > LONGEST_WORDS:
            raise BadInput(
                f"'text' has {len(words)} characters once its numbers are written out, and at most {LONGEST_WORDS} are "
                "taken: send it in parts.",
                field="text",
            )
        pieces = split(words, self.engine.longest, apart=self.engine.apart)
        if len(pieces) > MOST_PIECES:
            raise BadInput(
                f"'text' has {len(pieces)} lines and sentences, and at most {MOST_PIECES} are taken: send it in parts.",
                field="text",
            )
        return pieces

    def _speak(self, utterances: list[Utterance]) -> list[Speech]:
        """The sounds of the pieces. One that was spoken before, in this text or in another, is not spoken again."""
        spoken = {u: known for u in utterances if (known := self._sentences.get(u)) is not None}
        missing = [u for u in dict.fromkeys(utterances) if u not in spoken]
        for utterance, speech in zip(missing, self.pool.speak(missing) if missing else [], strict=True):
            spoken[utterance] = speech
            self._sentences.put(utterance, speech, len(speech.samples))
        return [spoken[u] for u in utterances]


def _wanted(part: int | None, count: int) -> range:
    """Which parts are asked for. Raises BadInput where the text has no such part."""
    if part is None:
        return range(count)
    if part >= count:
        raise BadInput(
            f"'part' must be less than {count}: this text has no more parts. `parts` of an answer says how many.",
            field="part",
        )
    return range(part, part + 1)


def _check(speeches: Sequence[Speech], *, whole: bool) -> None:
    """Raises BadInput for what takes too long, SpeechFailed for a whole text that is silence. One part of it may be."""
    seconds = sum(len(s.samples) / 2 / s.rate for s in speeches)
    if seconds > LONGEST_SECONDS:
        raise BadInput(
            f"'text' takes {seconds:.0f} s to speak, and at most {LONGEST_SECONDS:.0f} s are taken: send less at once.",
            field="text",
        )
    if whole and not any(any(s.samples) for s in speeches):
        raise SpeechFailed("The speech engine gave silence for this text: say it in other words, or by another voice.")
