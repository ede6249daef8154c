"""Text in, sound out: clean, write out, cut, speak, join, level."""

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
from audio.speech.split import split

LONGEST_SECONDS = 900.0
LONGEST_WORDS = 3 * MAX_LENGTH
MOST_PIECES = 600
CACHE_BYTES, SENTENCE_BYTES = 32 * 1024 * 1024, 8 * 1024 * 1024


@dataclass(frozen=True)
class Wish:
    """What is to be spoken, and how. voice None: the default of the language."""

    text: str
    lang: str
    voice: str | None = None
    rate: float = 1.0
    pitch: float = 1.0
    volume: float = 1.0
    form: str = "wav"


@dataclass(frozen=True)
class Spoken:
    """A sound file, packed for JSON. duration in seconds, sample_rate in Hz."""

    packed: str
    sample_rate: int
    duration: float
    voice: str


class Speaker:
    """Speaks by one engine. Safe in many threads at once; the same wish gives the same bytes."""

    def __init__(self, engine: str, pool: Pool | NaturalPool | None = None, others: Sequence[Voice] = ()) -> None:
        """pool: what speaks, where it is not the engine's own. others: voices that it has beside the engine's."""
        self.engine = engines.find(engine)
        self.pool = pool or Pool(engine)
        self._voices = (*self.engine.voices, *others)
        self._cache: Cache[Spoken] = Cache(CACHE_BYTES)
        self._sentences: Cache[Speech] = Cache(SENTENCE_BYTES)

    def say(self, wish: Wish) -> Spoken:
        """Raises BadInput for a wish that cannot be met, Busy where too many wait, SpeechFailed where all fails."""
        known = self._cache.get(wish)
        if known is None:
            known = self._say(wish)
            self._cache.put(wish, known, len(known.packed) + sys.getsizeof(wish.text))
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

    def _say(self, wish: Wish) -> Spoken:
        voice = self.voice(wish.lang, wish.voice)
        words = normalise(clean(wish.text, wish.lang), wish.lang)
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
        speeches = self._speak([Utterance(p.text, wish.lang, voice, wish.rate, wish.pitch) for p in pieces])
        seconds = sum(len(s.samples) / 2 / s.rate for s in speeches)
        if seconds > LONGEST_SECONDS:
            raise BadInput(
                f"'text' takes {seconds:.0f} s to speak, and at most {LONGEST_SECONDS:.0f} s are taken.",
                field="text",
            )
        if not any(any(s.samples) for s in speeches):
            raise SpeechFailed("The speech engine gave silence for this text.")
        samples, rate = finish(speeches, [p.pause for p in pieces], wish.volume, self.engine.emphasis)
        pcm = Pcm(samples.reshape(-1, 1), rate)
        return Spoken(pack(encode(pcm, wish.form), wish.form), rate, pcm.seconds, voice)

    def _speak(self, utterances: list[Utterance]) -> list[Speech]:
        """The sounds of the pieces. One that was spoken before, in this text or in another, is not spoken again."""
        spoken = {u: known for u in utterances if (known := self._sentences.get(u)) is not None}
        missing = [u for u in dict.fromkeys(utterances) if u not in spoken]
        for utterance, speech in zip(missing, self.pool.speak(missing) if missing else [], strict=True):
            spoken[utterance] = speech
            self._sentences.put(utterance, speech, len(speech.samples))
        return [spoken[u] for u in utterances]
