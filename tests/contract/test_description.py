from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from audio.gateway.openapi import METHODS
from audio.services.base import Service
from audio.services.inputs import Choice, Number, Text
from audio.services.inputs.sensitivity import Sensitivity
from tests.contract import samples
from tests.contract.client import Client, error


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts(inner)


@pytest.fixture(scope="package")
def openapi(client: Client) -> dict[str, Any]:
    document: dict[str, Any] = client.get(f"{client.root}/openapi.json").json()
    return document


def operation(openapi: dict[str, Any], service: Service) -> dict[str, Any]:
    found: dict[str, Any] = openapi["paths"][f"/services/{service.name}/{service.version}/jobs"]["post"]
    return found


def check(openapi: dict[str, Any], schema: dict[str, Any], value: object) -> None:
    """Validate against a schema of the document, whose references lead into the document."""
    jsonschema.validate(value, {**schema, "components": openapi["components"]}, cls=Draft202012Validator)


def answer_schema(openapi: dict[str, Any], service: Service, status: int) -> dict[str, Any]:
    response = operation(openapi, service)["responses"][str(status)]
    if "$ref" in response:
        response = openapi["components"]["responses"][response["$ref"].rpartition("/")[2]]
    schema: dict[str, Any] = response["content"]["application/json"]["schema"]
    return schema


def test_the_directory_leads_to_it(client: Client, service: Service) -> None:
    listed = client.get(f"{client.root}/services").json()["services"]
    assert listed[service.name] == {"url": f"/services/{service.name}"}
    found = client.get(client.root + listed[service.name]["url"]).json()["versions"]
    description = client.get(client.root + found[str(service.version)]["url"]).json()
    assert description["version"] == service.version
    assert description["description"] == service.description
    assert description["jobs"] == client.jobs(service)
    assert client.get(description["url"] + "/description").json() == description


def test_filters_of_the_directory(client: Client, service: Service) -> None:
    def get(path: str) -> Any:
        return client.get(client.root + path).json()

    assert list(get(f"/services?name={service.name}")["services"]) == [service.name]
    assert get("/services?name=nothing")["services"] == {}
    assert list(get(f"/services/{service.name}?version={service.version}")["versions"]) == [str(service.version)]
    assert get(f"/services/{service.name}?version=999")["versions"] == {}


def test_every_url_of_the_description_answers(client: Client, service: Service) -> None:
    description = client.get(client.jobs(service).removesuffix("/jobs")).json()
    links = [t for t in texts({k: v for k, v in description.items() if k != "example"}) if urlsplit(t).netloc]
    assert client.jobs(service) in links
    for link in links:
        assert link.startswith(client.root), link
        # A resource that only takes a POST says so.
        assert client.get(link).status_code in (200, 405), link


def test_openapi_knows_it(openapi: dict[str, Any], service: Service) -> None:
    assert service.description == operation(openapi, service)["summary"]


def test_openapi_is_valid(openapi: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(openapi).validate()
    assert openapi["openapi"].startswith("3.1")
    identifiers = [o["operationId"] for p in openapi["paths"].values() for method, o in p.items() if method in METHODS]
    assert len(identifiers) == len(set(identifiers))


def test_schemas_are_schemas(service: Service) -> None:
    for schema in (service.input_schema(), service.output_schema()):
        Draft202012Validator.check_schema(schema)
        for name, declared in schema["properties"].items():
            assert declared.get("type") or declared.get("anyOf") or declared.get("oneOf") or declared.get("enum"), name
    given, answered = service.example
    jsonschema.validate(given, service.input_schema(), cls=Draft202012Validator)
    jsonschema.validate(answered, service.output_schema(), cls=Draft202012Validator)


def test_requests_and_answers_fit_the_schemas(client: Client, openapi: dict[str, Any], service: Service) -> None:
    content = operation(openapi, service)["requestBody"]["content"]
    given = {**samples.values(service), "async": False, "state": {"session_id": "fits"}}
    kind = "multipart/form-data" if service.files else "application/json"
    schema = content[kind]["schema"]
    albums = {
        name: {key: [client.blob(samples.sample(key), "image/jpeg")] for key in samples.PEOPLE}
        for name in samples.albums(service)
    }
    check(openapi, schema["properties"]["meta"] if service.files else schema, {**given, **albums})
    check(openapi, content["application/json"]["schema"], content["application/json"]["example"])
    for session in ({}, {"state": {"session_id": "fits"}}):
        reply = client.post(service, **session)
        check(openapi, answer_schema(openapi, service, 201), reply.json())
        assert all(not isinstance(v, float) or math.isfinite(v) for v in reply.json().values())
    accepted = client.post(service, **{"async": True})
    assert accepted.status_code == 202
    check(openapi, answer_schema(openapi, service, 202), accepted.json())
    bad = client.post(service, **{"async": "no"})
    check(openapi, answer_schema(openapi, service, 400), bad.json())


def test_the_example_is_what_it_answers(client: Client, service: Service) -> None:
    """As far as one may compare: the same fields of the same types."""
    given, answered = service.example
    body = client.answer(service, **{**given, **samples.values(service)})
    assert set(answered) - {"status"} - service.sometimes <= set(body)
    for name in set(answered) & set(body):
        assert type(body[name]) is type(answered[name]), name


def test_a_missing_input_is_named(client: Client, service: Service) -> None:
    for name in service.input_schema()["required"]:
        found = client.refused(service, **{name: None})
        assert found["field"] == name
        assert f"'{name}' is missing" in found["error"]


def wrong_values(service: Service) -> Iterator[tuple[str, object]]:
    for name, declaration in service.declarations.items():
        common: list[object] = [True, [], {}]
        if isinstance(declaration, Number):
            beyond = [declaration.minimum - 0.01, declaration.maximum + 0.01, 10**400, -1e308]
            common += [math.nan, math.inf, -math.inf, "0.5", "", *beyond]
        elif isinstance(declaration, Choice):
            common += [1, math.nan, "", declaration.choices[0] + " ", declaration.choices[0].swapcase(), "\0"]
        elif isinstance(declaration, Text):
            common += [1, math.nan, "\ud800"]
            if declaration.max_length is not None:
                common += ["x" * (declaration.max_length + 1)]
        elif isinstance(declaration, Sensitivity):
            one = declaration.events[0]
            common = [
                True,
                [],
                1,
                math.nan,
                "",
                *({one: wrong} for wrong in (True, [], {}, "0.5", 1.01, -0.01)),
            ]
        else:
            common += [1, math.nan, "", "sound.wav", "attachment://missing", "file:///etc/passwd", "\0", "x" * 10000]
        yield from ((name, value) for value in common)


def test_wrong_values_are_refused(client: Client, service: Service) -> None:
    for name, value in wrong_values(service):
        found = client.refused(service, **{name: value})
        if isinstance(value, float) and not math.isfinite(value):
            assert "is no JSON" in found["error"]
        else:
            assert found["field"] == name, (name, value)


def test_limits_are_taken(client: Client, service: Service) -> None:
    for name, declaration in service.declarations.items():
        if isinstance(declaration, Number):
            # How far a whole number can go is for the other inputs to say: a text has so many parts.
            for value in (declaration.minimum, *(() if declaration.whole else (declaration.maximum,))):
                client.answer(service, **{name: value})


def test_unknown_names_are_left_alone(client: Client, service: Service) -> None:
    usual = client.answer(service)
    assert client.answer(service, colour={"deep": [1, "attachment:/x", None]}) == usual


def test_what_is_not_there(client: Client, service: Service) -> None:
    root = client.jobs(service)
    other = f"{client.root}/services/{service.name}/999"
    for path in (f"{root}/1", f"{root}/00000000-0000-4000-8000-000000000000", other, f"{other}/jobs", root + "x"):
        reply = client.get(path)
        assert reply.status_code == 404
        assert error(reply)["code"] == "not_found"
