"""Where does the sound come from? Two microphones, chunk by chunk.

python examples/sound_localization.py [stereo.wav [metres between the microphones]]
"""

import sys
from math import degrees
from pathlib import Path

import audio.client
from audio import wav
from audio.errors import AudioError

CHUNK = 8192  # frames

FIXTURES = Path(__file__).parent.parent / "fixtures"
path = Path(sys.argv[1]) if len(sys.argv) > 1 else FIXTURES / "moving_speaker.wav"
baseline = float(sys.argv[2]) if len(sys.argv) > 2 else 0.2

try:
    conn = audio.client.connect()
    service = conn.services.get_service("sound_localization", version=1)
    service.enable_session({"baseline": baseline, "sensitivity": 0.5})

    start = 0.0
    for chunk in wav.decode(path.read_bytes()).chunks(CHUNK):
        job = service.process({"sound": chunk})
        for source in job.result["sources"]:
            seconds = start + source["index"] / chunk.rate
            print(f"{seconds:7.3f} s  {degrees(source['yaw']):+6.1f} degrees  ({source['confidence']:.2f})")
        start += chunk.seconds

    service.disable_session()
except AudioError as exc:  # no gateway, or it refuses: it says what to do
    sys.exit(exc.message)
