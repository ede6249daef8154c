from tests.conftest import RunningGateway


def test_dummy_answers(gateway: RunningGateway) -> None:
    http = gateway.http()
    for _ in range(3):
        reply = http.post(f"{gateway.url}/services/dummy/1/jobs", json={"echo": "Hello", "async": False}, timeout=10)
        assert reply.status_code == 201
        assert reply.json()["echo"] == "Hello"
