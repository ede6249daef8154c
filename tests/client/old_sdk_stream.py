"""Runs under Python 3.6, with the older SDK as it was published: streams 200 parts of 50 ms as they are spoken.

The environment gives OLD_URL, OLD_CLIENT_ID and OLD_ACCESS_TOKEN. Prints as JSON what came of each, and how long that
was under way.
"""

# ruff: noqa: B905, T201
import io
import json
import os
import time
import wave

import angus.client

PARTS, SECONDS, RATE = 200, 0.05, 16000

conn = angus.client.connect(
    url=os.environ["OLD_URL"], client_id=os.environ["OLD_CLIENT_ID"], access_token=os.environ["OLD_ACCESS_TOKEN"]
)
file, sent, came = io.BytesIO(), [], []
with wave.open(file, "wb") as sound:
    sound.setparams((1, 2, RATE, 0, "NONE", ""))
    sound.writeframes(bytes(2 * int(SECONDS * RATE)))


def parts():
    for _ in range(PARTS):
        time.sleep(SECONDS)
        sent.append(time.time())
        yield {}, "sound", file.getvalue()


for part in conn.services.get_service("sound_detection", version=1).stream({}, parts()):
    came.append((json.loads(part), time.time()))
print(json.dumps({"came": [part for part, _ in came], "seconds": [at - begun for begun, (_, at) in zip(sent, came)]}))
