"""Runs under Python 3.6, with the older SDK as it was published: prints what it gets, as JSON.

The environment gives OLD_URL, OLD_CLIENT_ID and OLD_ACCESS_TOKEN; the arguments are a mono and a stereo sound.
"""

# ruff: noqa: PTH123, SIM115, T201
import io
import json
import os
import sys

import angus.client
import requests

conn = angus.client.connect(
    url=os.environ["OLD_URL"], client_id=os.environ["OLD_CLIENT_ID"], access_token=os.environ["OLD_ACCESS_TOKEN"]
)
MONO, STEREO = sys.argv[1:]
PARAMETERS = {
    "dummy": lambda: {"echo": "Hello world!"},
    "sound_detection": lambda: {"sound": open(MONO, "rb"), "sensitivity": 0.7},
    "voice_detection": lambda: {"sound": io.BytesIO(open(MONO, "rb").read()), "sensitivity": 0.7},
    "sound_localization": lambda: {"sound": open(STEREO, "rb"), "baseline": 0.2, "sensitivity": 0.5},
    "text_to_speech": lambda: {"text": "Hi guys, how are you today?", "lang": "en-US"},
}


def wait(job):
    while job.status == job.ACCEPTED:
        job.fetch()
    return job


def in_a_session(service, make):
    service.enable_session({"sensitivity": 0.5})
    results = [service.process(make()).result for _ in range(3)]
    service.disable_session()
    own = service.create_session()
    results.append(service.process(make(), session=own).result)
    return results


def by_blob(service, make):
    parameters = make()
    parameters["sound"] = conn.blobs.create(parameters["sound"])
    return service.process(parameters).result


def use(name):
    make = PARAMETERS[name]
    service = conn.services.get_service(name, version=1)
    assert conn.services.get_service(name).endpoint.rsplit("/", 1)[0] == service.endpoint.rsplit("/", 1)[0]
    accepted = service.process(make(), **{"async": True})
    seen = {
        "sync": service.process(make()).result,
        "accepted": accepted.status,
        "async": wait(accepted).result,
        "future": service.process_async(make()).result().result,
    }
    if "sound" in make():
        seen["blob"] = by_blob(service, make)
    seen["session"] = in_a_session(service, make)  # last, as its parameters stay on when it is disabled
    return seen


def refused():
    try:
        conn.services.get_service("dummy", version=1).process({"echo": 5})
    except requests.HTTPError as exc:
        return exc.response.json()


names = [name for name in PARAMETERS if name in conn.services.list({})["services"]]
composite = conn.services.get_services(["dummy"]).process({"echo": "all"})
print(json.dumps({"services": {n: use(n) for n in names}, "composite": composite.result, "refused": refused()}))
