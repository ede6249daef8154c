"""Say something: the speech goes to a WAV file, which `aplay` plays.

python examples/text_to_speech.py ["Hi guys, how are you today?" [en-US [output.wav]]]
"""

import sys
from pathlib import Path

import audio.client
from audio import wav
from audio.errors import AudioError

arguments = sys.argv[1:]
text = arguments[0] if arguments else "Hi guys, how are you today?"
lang = arguments[1] if len(arguments) > 1 else "en-US"
output = Path(arguments[2] if len(arguments) > 2 else "output.wav")

try:
    conn = audio.client.connect()
    service = conn.services.get_service("text_to_speech", version=1)
    job = service.process({"text": text, "lang": lang})

    # The sound comes as a WAV file, compressed by zlib, in base64.
    data = wav.unpack(job.result["sound"])
    output.write_bytes(data)
    print(f"{output}: {wav.decode(data).seconds:.2f} s")
except AudioError as exc:  # no gateway, or it refuses: it says what to do
    sys.exit(exc.message)
