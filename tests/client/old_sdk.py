"""Runs under Python 3.6, with the older SDK as it was published: prints what it gets, as JSON.

The environment gives OLD_URL, OLD_CLIENT_ID and OLD_ACCESS_TOKEN; the arguments are a mono and a stereo sound, and
pictures of two people.
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
MONO, STEREO, PICTURE, ANOTHER = sys.argv[1:]
PARAMETERS = {
    "dummy": lambda: {"echo": "Hello world!"},
    "sound_detection": lambda: {"sound": open(MONO, "rb"), "sensitivity": 0.7},
    "voice_detection": lambda: {"sound": io.BytesIO(open(MONO, "rb").read()), "sensitivity": 0.7},
    "sound_localization": lambda: {"sound": open(STEREO, "rb"), "baseline": 0.2, "sensitivity": 0.5},
    **{
        name: lambda: {"image": open(PICTURE, "rb")}
        for name in (
            "age_and_gender_estimation",
            "face_detection",
            "face_expression_estimation",
            "gaze_analysis",
            "motion_detection",
            "qrcode_decoder",
            "scene_analysis",
            "upper_body_detection",
        )
    },
    "face_recognition": lambda: {
        "image": open(PICTURE, "rb"),
        "album": {
            "another": [conn.blobs.create(open(ANOTHER, "rb"))],
            "somebody": [conn.blobs.create(open(PICTURE, "rb"))],
        },
    },
    "text_to_speech": lambda: {"text": "Hi guys, how are you today?", "lang": "en-US"},
}


def wait(job):
    while job.status == job.ACCEPTED:
        job.fetch()
    return job


def in_a_session(service, make):
    service.enable_session({"sensitivity": 0.5} if "sound" in make() else {})
    results = [service.process(make()).result for _ in range(3)]
    service.disable_session()
    own = service.create_session()
    results.append(service.process(make(), session=own).result)
    return results


def by_blob(service, make):
    parameters = make()
    field = "sound" if "sound" in parameters else "image"
    parameters[field] = conn.blobs.create(parameters[field])
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
    if "sound" in make() or "image" in make():
        seen["blob"] = by_blob(service, make)
    seen["session"] = in_a_session(service, make)  # last, as its parameters stay on when it is disabled
    return seen


def refused():
    try:
        conn.services.get_service("dummy", version=1).process({"echo": 5})
    except requests.HTTPError as exc:
        return exc.response.json()


def streamed():
    """The one call that keeps two connections open: every part of a recording, ten times as fast as it was spoken."""
    data = open(MONO, "rb").read()
    header, samples = data[:44], data[44:]
    size = 2 * 1600

    def parts():
        for begin in range(0, min(len(samples), 50 * size), size):
            piece = samples[begin : begin + size]
            head = (
                header[:4] + (36 + len(piece)).to_bytes(4, "little") + header[8:40] + len(piece).to_bytes(4, "little")
            )
            yield {"sensitivity": 0.5}, "sound", head + piece

    service = conn.services.get_service("sound_detection", version=1)
    sent = len(list(parts()))
    return {"sent": sent, "came": [json.loads(part) for part in service.stream({}, parts())]}


names = [name for name in PARAMETERS if name in conn.services.list({})["services"]]
composite = conn.services.get_services(["dummy"]).process({"echo": "all"})
used = {name: use(name) for name in names}
print(json.dumps({"services": used, "composite": composite.result, "refused": refused(), "streamed": streamed()}))
