"""The service of the page is short and says what it is; the contract tests run over it as over every other."""

import re

from audio import wav
from tests.conftest import FIXTURES
from tests.contract import samples
from tests.docs import page


def test_the_module_is_short_and_the_row_names_it() -> None:
    module, row = page.blocks()
    assert len([line for line in module.splitlines() if line.strip()]) < 40
    found = re.fullmatch(r'\("(\w+)", (\d)\): "([\w.]+)",', row)
    assert found is not None
    name, version, path = found.groups()
    assert path == f"audio.services.{name}"
    assert (page.service().name, page.service().version) == (name, int(version))


def test_the_service_measures() -> None:
    service = page.service()
    pcm = wav.decode((FIXTURES / "word.wav").read_bytes())
    output, _ = service.compute(samples.typed(service, pcm), None)
    assert -80 < output["level"] == output["mean_level"] < 0
