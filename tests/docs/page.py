"""The service of docs/adding_a_service.md, built from the page."""

from __future__ import annotations

import re
import sys
from contextlib import AbstractContextManager
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from tempfile import TemporaryDirectory

from audio.services.base import Service
from tests.offered import offered

PAGE = Path(__file__).parents[2] / "docs" / "adding_a_service.md"
_FOLDER = TemporaryDirectory()  # gone with the process
_MODULE = "tests.docs.service_of_the_page"


@cache
def blocks() -> tuple[str, str]:
    """The Python of the page: the module, and the row of the registry."""
    module, row = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return module, row.strip()


@cache
def service() -> Service:
    file = Path(_FOLDER.name) / "service_of_the_page.py"
    file.write_text(blocks()[0])
    spec = spec_from_file_location(_MODULE, file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[_MODULE] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    found: Service = module.SERVICE
    return found


def registered() -> AbstractContextManager[None]:
    """The service among the others, for as long as this lasts."""
    return offered(service().name, service().version, _MODULE)
