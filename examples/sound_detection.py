"""Is there any sound, and when? Once for a whole file, once chunk by chunk, as it would come from a microphone.

python examples/sound_detection.py [sound.wav]
"""

import sys
from pathlib import Path

import audio.client
from audio import wav
from audio.errors import AudioError

CHUNK = 8192  # frames

FIXTURES = Path(__file__).parent.parent / "fixtures"
path = Path(sys.argv[1]) if len(sys.argv) > 1 else FIXTURES / "sounds.wav"

try:
    conn = audio.client.connect()
    service = conn.services.get_service("sound_detection", version=1)

    print("The whole file:")
    with path.open("rb") as file:
        job = service.process({"sound": file, "sensitivity": 0.7})
    for event in job.result["events"]:
        print(f"  {event['time']:7.3f} s  {event['type']}")

    print("Chunk by chunk:")
    service.enable_session({"sensitivity": 0.7})
    for chunk in wav.decode(path.read_bytes()).chunks(CHUNK):
        job = service.process({"sound": chunk})
        for event in job.result["events"]:
            print(f"  {event['time']:7.3f} s  {event['type']}")
    service.disable_session()
except AudioError as exc:  # no gateway, or it refuses: it says what to do
    sys.exit(exc.message)
