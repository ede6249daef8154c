"""The data API: the documentation's own program and command lines, and what it answers to all else."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import jwt
import pytest
import requests

from audio.audience.visit import Row
from audio.stores import sums, visits
from audio.stores.sums import Sum
from tests.conftest import RunningGateway
from tests.console.browser import TIMEOUT, Browser
from tests.console.conftest import EMAIL, PASSWORD
from tests.console.test_streams import created

# As the documentation had it in 2017, with the host and the credentials put in.
PROGRAM = """
import requests
import datetime
import json

class pytz:
    UTC = datetime.timezone.utc

def get_token():
    data = {{
        "username": "{email}",
        "client_id": "{client_id}",
        "access_token": "{access_token}",
    }}
    req = requests.post('{url}/api-token-authstream/', json=data)
    req.raise_for_status()
    req = req.json()
    return req['token']

def get(token, metrics, from_date, to_date, size):
    entities_url = '{url}/api/1/entities'
    params = {{
        "metrics": ", ".join(metrics),
        "from_date": from_date.isoformat(),
        "to_date": to_date.isoformat(),
        "time": size,
    }}
    headers = {{"Authorization": "Bearer {{}}".format(token)}}
    req = requests.get(entities_url, params=params, headers=headers)
    req.raise_for_status()
    return req.json()

def main():
    token = get_token()
    to_date = datetime.datetime.now(pytz.UTC)
    from_date = to_date - datetime.timedelta(hours=24)
    metrics = ["passing_by", "interested", "stop_time", "attention_time"]
    print(json.dumps(get(token, metrics, from_date, to_date, "global"), indent=2))

if __name__ == "__main__":
    main()
"""
START = datetime(2017, 9, 3, 3, 45, tzinfo=timezone.utc).timestamp()


@pytest.fixture(scope="module", autouse=True)
def _nothing_is_too_old() -> Iterator[None]:
    """The days of the documentation are older than what is kept, and would be gone at the first look."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("audio.stores.sums.forget_old", lambda _connection, _before: None)
        patch.setattr("audio.stores.visits.forget_old", lambda _connection: 0)
        yield


@pytest.fixture(scope="module")
def credentials(house: RunningGateway, owner: Browser) -> tuple[str, str]:
    """A stream with two days of data in September 2017, and some of a minute ago."""
    made = created(owner, "Store #2")
    levels, directions = {60: 10, 80: 30, 90: 10}, {3: 2, 9: 5}
    with house.app.extensions["audio"].database.write_prepared() as connection:
        for at in (START, START + 7200, START + 86400):
            for service, most in (("sound_detection/1", 600.0), ("voice_detection/1", 300.0)):
                sums.add(connection, made[0], service, Sum(int(at // 900), most, most / 3, 4, levels, directions))
        people = (
            Row(START + 60, START + 90, 30, 5.0, 6.0, 2.0, 31.0, "female", 0.5),
            Row(START + 61, START + 99, 38, 4.0, 8.0, 3.0, None, None, None),
            Row(START + 62, START + 63, 1, 0, 0, 0),
            Row(START + 63, START + 63.5, 0.5, 9, 9, 9, 60, "male", 1.0),
            Row(START + 86400, START + 86430, 30, 5.0, 5.0, 1.0, 60.0, "male", 0.2),
        )
        for i, row in enumerate(people):
            visits.put(connection, made[0], f"{i}", row)
        now = Row(time.time() - 60, time.time() - 50, 10, 5.0, 5.0, 2.0, 61.0, "male", 0.9)
        visits.put(connection, made[0], "now", now)
    return made


@pytest.fixture(scope="module")
def token(house: RunningGateway, credentials: tuple[str, str]) -> Iterator[str]:
    yield ask_token(house, credentials).json()["token"]


def ask_token(
    house: RunningGateway, credentials: tuple[str, str], slash: str = "/", **changed: Any
) -> requests.Response:
    form = {"username": EMAIL, "client_id": credentials[0], "access_token": credentials[1], **changed}
    return requests.post(f"{house.url}/api-token-authstream{slash}", json=form, timeout=TIMEOUT)


def ask(house: RunningGateway, token: str, **query: Any) -> requests.Response:
    params = {"metrics": "sounds", "from_date": "2017-09-03T05:45:00+0200", "to_date": "2017-09-14", **query}
    params = {name: value for name, value in params.items() if value is not None}
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.get(f"{house.url}/api/1/entities", params=params, headers=headers, timeout=TIMEOUT)


def test_the_documentations_program(house: RunningGateway, credentials: tuple[str, str]) -> None:
    filled = PROGRAM.format(email=EMAIL, client_id=credentials[0], access_token=credentials[1], url=house.url)
    done = subprocess.run([sys.executable, "-c", filled], capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout)["entities"] == {
        "global": {
            "passing_by": {"value": 1},
            "interested": {"value": 1},
            "stop_time": {"value": 5.0},
            "attention_time": {"value": 2.0},
        }
    }


def test_the_documentations_curl_lines(house: RunningGateway, credentials: tuple[str, str]) -> None:
    def curl(*arguments: str) -> Any:
        done = subprocess.run(["curl", "-s", *arguments], capture_output=True, text=True, timeout=60, check=True)
        return json.loads(done.stdout)

    fields = {"username": EMAIL, "client_id": credentials[0], "access_token": credentials[1]}
    head = ("-X", "POST", "-H", "Content-Type: application/json", "-d", json.dumps(fields))
    token = curl(*head, f"{house.url}/api-token-authstream/")["token"]
    query = "metrics=satisfaction,gender,category,passing_by,interested&from_date=2017-09-03T05%3A45%3A00%2B0200"
    url = f"{house.url}/api/1/entities?{query}&time=by_day&to_date=2017-09-14T16%3A53%3A11%2B0200"
    body = curl("-X", "GET", "-H", f"Authorization: Bearer {token}", url)
    days = list(body["entities"])
    assert (len(days), days[0], days[-1]) == (12, "2017-09-03T00:00:00+00:00", "2017-09-14T00:00:00+00:00")
    assert body["entities"][days[0]] == {
        "satisfaction": {"value": 0.5},
        "gender": {"?": 1, "female": 1, "male": 0},
        "category": {"senior_female": 0, "senior_male": 0, "young_female": 1, "young_male": 0},
        "passing_by": {"value": 3},
        "interested": {"value": 2},
    }
    assert body["entities"][days[1]]["passing_by"] == {"value": 1}
    assert body["entities"][days[1]]["interested"] == {"value": 0}
    assert {name: body[name] for name in body if name != "entities"} == {
        "from_date": "2017-09-03T05:45:00+02:00",
        "to_date": "2017-09-14T16:53:11+02:00",
        "total_results": 12,
        "nb_of_pages": 1,
        "next_page": "",
        "page": 1,
        "time": "by_day",
    }


def test_the_token_says_what_the_old_one_said(house: RunningGateway, credentials: tuple[str, str]) -> None:
    for slash in ("", "/"):
        claims = jwt.decode(ask_token(house, credentials, slash).json()["token"], options={"verify_signature": False})
        assert claims["username"] == claims["email"] == EMAIL
        assert claims["client_id"] == credentials[0]
        assert claims["exp"] - claims["orig_iat"] == 18000


def test_tokens_that_are_not_given(house: RunningGateway, credentials: tuple[str, str], owner: Browser) -> None:
    for field in ("username", "client_id", "access_token"):
        for nothing in ("", None, 7, ["x"]):
            reply = ask_token(house, credentials, **{field: nothing})
            assert (reply.status_code, reply.json()["code"]) == (400, "bad_input")
            assert reply.json()[field] == ["This field is required."]
    other = created(owner, "other")
    said = set()
    for wrong in (
        {"username": "paul@example.org"},
        {"client_id": other[0]},
        {"access_token": other[1]},
        {"client_id": "nobody"},
        {"client_id": "\0"},
    ):
        reply = ask_token(house, credentials, **wrong)
        assert reply.status_code == 401
        assert reply.headers["WWW-Authenticate"].startswith("Bearer")
        assert reply.json()["non_field_errors"] == [reply.json()["error"]]
        said.add(reply.text)
    assert len(said) == 1
    bad = requests.post(f"{house.url}/api-token-authstream", data="{", timeout=TIMEOUT)
    assert bad.status_code == 400
    assert requests.get(f"{house.url}/api-token-authstream", timeout=TIMEOUT).status_code == 405


@pytest.mark.parametrize("more", ["NaN", "-Infinity", "[" * 20_000, '1, "username": "b"'])
def test_json_that_is_none_gives_no_token(house: RunningGateway, credentials: tuple[str, str], more: str) -> None:
    client_id, access_token = credentials
    body = f'{{"username": "{EMAIL}", "client_id": "{client_id}", "access_token": "{access_token}", "more": {more}}}'
    headers = {"Content-Type": "application/json"}
    reply = requests.post(f"{house.url}/api-token-authstream", body, headers=headers, timeout=TIMEOUT)
    assert (reply.status_code, reply.json()["code"]) == (400, "bad_input")


def test_guesses_are_counted_and_do_not_lock_the_owner_out(
    house: RunningGateway, credentials: tuple[str, str], owner: Browser
) -> None:
    replies = [ask_token(house, credentials, access_token=f"guess {i}") for i in range(6)]
    assert [reply.status_code for reply in replies] == [401] * 5 + [429]
    assert int(replies[-1].headers["Retry-After"]) > 0
    browser = Browser(house.url)
    browser.get("/login")
    assert browser.send("/login", email=EMAIL, password=PASSWORD).url == f"{house.url}/streams"


def test_tokens_that_are_not_taken(house: RunningGateway, credentials: tuple[str, str], token: str) -> None:
    claims = jwt.decode(token, options={"verify_signature": False})
    head, body, _ = token.split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    basic = base64.b64encode(":".join(credentials).encode()).decode()
    for header, code in (
        (None, "missing_jwt"),
        (f"Basic {basic}", "missing_jwt"),
        ("Token x", "missing_jwt"),
        ("Bearer", "invalid_jwt"),
        ("Bearer x", "invalid_jwt"),
        (f"Bearer {head}.{body}.", "invalid_jwt"),
        (f"Bearer {none}.{body}.", "invalid_jwt"),
        (f"Bearer {jwt.encode(claims, 'k' * 32, 'HS256')}", "invalid_jwt"),
        (f"Bearer {':'.join(credentials)}", "invalid_jwt"),
    ):
        headers = {} if header is None else {"Authorization": header}
        params = {"metrics": "sounds", "from_date": "2017-09-03"}
        reply = requests.get(f"{house.url}/api/1/entities", headers=headers, params=params, timeout=TIMEOUT)
        assert (reply.status_code, reply.json()["code"]) == (401, code), header
        assert reply.headers["WWW-Authenticate"] == 'Bearer realm="audio"'


def test_a_token_expires(house: RunningGateway, token: str) -> None:
    from audio.engine import secret

    key = secret.derive(house.app.extensions["audio"].secret, "tokens")
    claims = jwt.decode(token, options={"verify_signature": False})
    for changed in ({"exp": int(time.time()) - 1}, {"aud": "jobs"}, {"gen": 7}):
        reply = ask(house, jwt.encode({**claims, **changed}, key, "HS256"))
        assert reply.json()["code"] == ("expired_jwt" if "exp" in changed else "invalid_jwt"), changed


def test_a_token_of_the_api_opens_nothing_else(house: RunningGateway, token: str, credentials: tuple[str, str]) -> None:
    bearer = {"Authorization": f"Bearer {token}"}
    assert requests.get(f"{house.url}/services", headers=bearer, timeout=TIMEOUT).status_code == 401
    page = requests.get(f"{house.url}/streams", headers=bearer, cookies={"audio_session": token}, timeout=TIMEOUT)
    assert page.url.startswith(f"{house.url}/login")
    events = requests.get(f"{house.url}/api/1/events", headers=bearer, timeout=TIMEOUT)
    assert (events.status_code, "events" in events.json()) == (200, True)


def test_it_ends_with_the_access_token(house: RunningGateway, owner: Browser) -> None:
    credentials = created(owner, "short-lived")
    for action in ("/token", "/revoke"):
        if action == "/revoke":
            credentials = (credentials[0], owner.shown('id="access_token">([^<]+)'))
        token = ask_token(house, credentials).json()["token"]
        assert ask(house, token).status_code == 200
        owner.get(f"/streams/{credentials[0]}")
        owner.send(action)
        assert ask(house, token).json()["code"] == "invalid_jwt"


def test_metrics_of_sound(house: RunningGateway, token: str) -> None:
    body = ask(house, token, metrics="sounds,voice_time, heard_time,level,directions,sounds", time="by_hour").json()
    assert (body["total_results"], body["nb_of_pages"]) == (261, 6)
    first = body["entities"]["2017-09-03T03:00:00+00:00"]
    # Two services heard the same: it counts once.
    assert first["sounds"] == {"value": 4}
    assert first["heard_time"] == {"value": 600.0}
    assert first["voice_time"] == {"value": 200.0}
    assert first["level"] == {"min": -60.0, "median": -40.0, "max": -30.0}
    assert first["directions"] == {**dict.fromkeys(map(str, range(-90, 90, 10)), 0), "-60": 2, "0": 5}
    empty = body["entities"]["2017-09-03T04:00:00+00:00"]
    assert empty["level"] == {"min": None, "median": None, "max": None}
    assert empty["sounds"] == {"value": 0}


def test_pages_lead_on_to_the_last(house: RunningGateway, token: str) -> None:
    reply, seen = ask(house, token, time="by_hour", to_date=None, from_date="2026-09-03"), 0
    while True:
        body = reply.json()
        seen += len(body["entities"])
        assert len(body["entities"]) == 50 or body["page"] == body["nb_of_pages"]
        if not body["next_page"]:
            break
        assert body["next_page"].startswith(house.url)
        reply = requests.get(body["next_page"], headers={"Authorization": f"Bearer {token}"}, timeout=TIMEOUT)
    assert seen == body["total_results"]
    assert body["page"] == body["nb_of_pages"]


@pytest.mark.parametrize("time", ["by_hour", "by_day", "global"])
def test_a_question_from_long_ago_until_now_is_answered_page_by_page(
    house: RunningGateway, token: str, time: str
) -> None:
    """As the one of the documentation is, from 2017 on."""
    query = {"metrics": "passing_by,sounds", "from_date": "1970-01-01", "to_date": "2026-11-28", "time": time}
    first = ask(house, token, **query).json()
    assert first["total_results"] == {"by_hour": 24 * 20785, "by_day": 20785, "global": 1}[time]
    last = ask(house, token, **query, page=first["nb_of_pages"]).json()
    assert last["next_page"] == ""
    assert len(first["entities"]) == min(50, first["total_results"])


@pytest.mark.parametrize(
    ("tz", "begin", "end", "time", "keys", "sizes"),
    [
        ("Europe/Paris", "2026-03-28T23:00Z", "2026-03-30T22:00Z", "by_day", 2, [23, 24]),
        ("Europe/Paris", "2026-10-24T22:00Z", "2026-10-26T23:00Z", "by_day", 2, [25, 24]),
        ("Europe/Paris", "2026-10-24T22:00Z", "2026-10-25T23:00Z", "by_hour", 25, [1] * 25),
        ("Asia/Kathmandu", "2026-01-01T18:15Z", "2026-01-02T18:15Z", "by_day", 1, [24]),
        ("Asia/Kathmandu", "2026-01-01T18:15Z", "2026-01-01T20:15Z", "by_hour", 2, [1, 1]),
    ],
)
def test_buckets_are_those_of_the_zone(
    house: RunningGateway, token: str, tz: str, begin: str, end: str, time: str, keys: int, sizes: list[int]
) -> None:
    body = ask(house, token, tz=tz, from_date=begin, to_date=end, time=time).json()
    starts = [datetime.fromisoformat(key) for key in body["entities"]]
    assert len(set(body["entities"])) == len(starts) == keys == body["total_results"]
    ends = [*starts[1:], datetime.fromisoformat(end.replace("Z", "+00:00"))]
    assert [(b - a).total_seconds() / 3600 for a, b in zip(starts, ends, strict=True)] == sizes


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"metrics": ""}, "metrics"),
        ({"metrics": "sounds,"}, "metrics"),
        ({"metrics": "nothing"}, "metrics"),
        ({"metrics": None}, "metrics"),
        ({"from_date": None}, "from_date"),
        ({"from_date": "yesterday"}, "from_date"),
        ({"from_date": "0001-01-01T00:00:00+14:00"}, "from_date"),
        ({"to_date": "9999-12-31T23:59:59-14:00"}, "to_date"),
        ({"to_date": "2017-09-03T03:45:00Z"}, "to_date"),
        ({"time": "by_week"}, "time"),
        ({"page": "0"}, "page"),
        ({"page": "2"}, "page"),
        ({"page": "x"}, "page"),
        ({"page": "-1"}, "page"),
        ({"tz": "Nowhere"}, "tz"),
        ({"time": ["by_day", "by_hour"]}, "time"),
    ],
)
def test_what_is_asked_wrongly(house: RunningGateway, token: str, query: dict[str, Any], field: str) -> None:
    reply = ask(house, token, **query)
    assert (reply.status_code, reply.json()["code"], reply.json()["field"]) == (400, "bad_input", field)


@pytest.mark.parametrize(
    "text",
    [
        "2017-09-03T05:45:00+0200",
        "2017-09-03T05:45:00+02:00",
        "2017-09-03T05:45:00 0200",
        "2017-09-03T05:45:00.25+02:00",
    ],
)
def test_dates_as_they_come(house: RunningGateway, token: str, text: str) -> None:
    assert ask(house, token, from_date=text).json()["from_date"] == "2017-09-03T05:45:00+02:00"


def test_what_was_heard_a_moment_ago_is_there(house: RunningGateway, owner: Browser) -> None:
    credentials = created(owner, "just now")
    with house.app.extensions["audio"].database.write_prepared() as connection:
        sums.add(connection, credentials[0], "sound_detection/1", Sum(int(time.time() // 900), 10, 0, 3))
    token = ask_token(house, credentials).json()["token"]
    now = datetime.fromtimestamp(time.time() - 20, timezone.utc).isoformat()
    assert ask(house, token, from_date=now, to_date=None).json()["entities"]["global"]["sounds"] == {"value": 3}


def test_usage_by_each_way(house: RunningGateway, owner: Browser, guest: Browser) -> None:
    from tests.console.test_plans import use

    credentials = created(owner, "metered", "enterprise", "Europe/Paris")
    use(house, credentials[0], 90.5)
    token, url = ask_token(house, credentials).json()["token"], f"{house.url}/api/1/usage"
    by_token = requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=TIMEOUT).json()
    assert requests.get(url, auth=credentials, timeout=TIMEOUT).json() == by_token
    assert owner.get(f"/api/1/usage?stream={credentials[0]}").json() == by_token
    assert guest.get(f"/api/1/usage?stream={credentials[0]}").status_code == 401
    assert (by_token["plan"], by_token["period"], by_token["used"], by_token["limit"]) == (
        "enterprise",
        "day",
        90.5,
        43200,
    )
    (day,) = by_token["days"]
    assert by_token["days"][day] == {"voice_detection": 90.5}
    assert by_token["resets_at"].endswith(("+01:00", "+02:00"))
    assert requests.get(url, auth=(credentials[0], "x"), timeout=TIMEOUT).status_code == 401


def test_the_cookie_reads_ones_own_streams(house: RunningGateway, owner: Browser, guest: Browser) -> None:
    query = f"?metrics=sounds&from_date=2026-01-01&stream={house.client_id}"
    assert owner.get(f"/api/1/entities{query}").status_code == 200
    assert guest.get(f"/api/1/entities{query}").status_code == 401
    assert owner.get(f"/api/1/events?stream={house.client_id}").status_code == 200
    assert guest.get(f"/api/1/events?stream={house.client_id}").status_code == 401
