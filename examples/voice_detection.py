"""Does somebody speak? Chunk by chunk, as it would come from a microphone.

python examples/voice_detection.py [sound.wav]
"""

import sys
from pathlib import Path

import audio.client
from audio import wav
from audio.errors import AudioError

CHUNK = 8192  # frames

FIXTURES = Path(__file__).parent.parent / "fixtures"
path = Path(sys.argv[1]) if len(sys.argv) > 1 else FIXTURES / "voice.wav"

try:
    conn = audio.client.connect()
    service = conn.services.get_service("voice_detection", version=1)
    service.enable_session({"sensitivity": 0.5})

    seconds = 0.0
    for chunk in wav.decode(path.read_bytes()).chunks(CHUNK):
        job = service.process({"sound": chunk})
        print(f"{seconds:7.3f} s  {job.result['voice_activity']}")
        seconds += chunk.seconds

    service.disable_session()
except AudioError as exc:  # no gateway, or it refuses: it says what to do
    sys.exit(exc.message)
