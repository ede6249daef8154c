"""The smallest program: have a text given back.

    python examples/dummy.py ["Hello world!"]

Where the gateway is and who is asking comes from the configuration: see `audio configure`.
"""

import sys

import audio.client

text = sys.argv[1] if len(sys.argv) > 1 else "Hello world!"

conn = audio.client.connect()
service = conn.services.get_service("dummy", version=1)
job = service.process({"echo": text})

print(job.result["echo"])
