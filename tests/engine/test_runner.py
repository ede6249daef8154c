from __future__ import annotations

import json
from typing import Any

import pytest

from audio.engine.runner import dump


@pytest.mark.parametrize(
    "output",
    [{}, {"a": 1}, {"sound": "ab+/="}, {"sound": "ab", "x": [1, 'é"']}, {"x": 1, "sound": ""}],
)
def test_a_result_is_json(output: dict[str, Any]) -> None:
    assert json.loads(dump(output)) == output


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_no_client_could_read_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        dump({"x": value, "sound": "ab"})
