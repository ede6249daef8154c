"""The smallest program: have a text given back.

    python examples/dummy.py ["Hello world!"]

Where the gateway is and who is asking comes from the configuration: see `audio configure`.
"""

import sys

import audio.client
from audio.errors import AudioError

text = sys.argv[1] if len(sys.argv) > 1 else "Hello world!"

try:
    conn = audio.client.connect()
    service = conn.services.get_service("dummy", version=1)
    job = service.process({"echo": text})

    print(job.result["echo"])
except AudioError as exc:  # no gateway, or it refuses: it says what to do
    sys.exit(exc.message)
