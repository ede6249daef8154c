"""Does someone speak? From the microphone, as it happens.

python examples/microphone_voice_detection.py [device [seconds]]

The device is an index, a name or a part of a name, as `audio devices` lists them.
"""

import sys

import audio.client
from audio.client.listener import Listener
from audio.client.microphone import Microphone
from audio.errors import AudioError


def show(result, chunk):
    if result["voice_activity"] == "ON":
        print("***** VOICE! *****", flush=True)
    elif result["voice_activity"] == "OFF":
        print("(silence)", flush=True)


device = sys.argv[1] if len(sys.argv) > 1 else None
seconds = float(sys.argv[2]) if len(sys.argv) > 2 else None

try:
    conn = audio.client.connect()
    microphone = Microphone(device, duration=seconds)
    with Listener(conn, "voice_detection", microphone, parameters={"sensitivity": 0.5}, on_result=show) as stream:
        stream.wait()
except AudioError as exc:  # no microphone, no gateway: it says what to do
    sys.exit(exc.message)
