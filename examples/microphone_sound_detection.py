"""Is there any noticeable sound? From the microphone, as it happens.

python examples/microphone_sound_detection.py [device [seconds]]

The device is an index, a name or a part of a name, as `audio devices` lists them.
"""

import sys
import time

import audio.client
from audio.client.listener import Listener
from audio.client.microphone import Microphone
from audio.errors import AudioError


def show(result, chunk):
    for event in result["events"]:
        heard = time.strftime("%H:%M:%S", time.localtime(chunk.time_at(event["index"])))
        print(heard, event["type"], flush=True)


device = sys.argv[1] if len(sys.argv) > 1 else None
seconds = float(sys.argv[2]) if len(sys.argv) > 2 else None

try:
    conn = audio.client.connect()
    microphone = Microphone(device, duration=seconds)
    with Listener(conn, "sound_detection", microphone, parameters={"sensitivity": 0.7}, on_result=show) as stream:
        stream.wait()
except AudioError as exc:  # no microphone, no gateway: it says what to do
    sys.exit(exc.message)
