"""Where does the sound come from? From two microphones, as it happens.

python examples/microphone_sound_localization.py metres [device [seconds]]

The metres are the distance of the two microphones; the device is an index, a name or a part of a name, as
`audio devices` lists them. Angles are in degrees, positive to the left.
"""

import sys
from math import degrees

import audio.client
from audio.client.listener import Listener
from audio.client.microphone import Microphone
from audio.errors import AudioError


def show(result, chunk):
    for source in result["sources"]:
        print(f"{degrees(source['yaw']):+.0f} degrees, confidence {source['confidence']:.2f}", flush=True)


if len(sys.argv) < 2:
    sys.exit(__doc__)
baseline = float(sys.argv[1])
device = sys.argv[2] if len(sys.argv) > 2 else None
seconds = float(sys.argv[3]) if len(sys.argv) > 3 else None

try:
    conn = audio.client.connect()
    microphone = Microphone(device, rate=48_000, channels=2, duration=seconds)
    with Listener(conn, "sound_localization", microphone, parameters={"baseline": baseline}, on_result=show) as stream:
        stream.wait()
except AudioError as exc:  # no microphone, no gateway: it says what to do
    sys.exit(exc.message)
