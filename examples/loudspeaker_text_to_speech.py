"""Say something, from the loudspeaker.

python examples/loudspeaker_text_to_speech.py ["Hi guys, how are you today?" [en-US]]
"""

import sys

import audio.client
from audio import wav
from audio.client.player import Player
from audio.errors import AudioError

text = sys.argv[1] if len(sys.argv) > 1 else "Hi guys, how are you today?"
lang = sys.argv[2] if len(sys.argv) > 2 else "en-US"

try:
    conn = audio.client.connect()
    service = conn.services.get_service("text_to_speech", version=1)
    job = service.process({"text": text, "lang": lang})

    # The speech is a WAV file, compressed, as text; it is never larger than we say.
    speech = wav.unpack(job.result["sound"], limit=64 * 2**20)
    with Player() as player:
        player.play(speech)
except AudioError as exc:  # no gateway, or it refuses: it says what to do
    sys.exit(exc.message)
