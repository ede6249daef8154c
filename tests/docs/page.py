"""The service of docs/adding_a_service.md, built from the page."""

from __future__ import annotations

import re
import sys
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from types import ModuleType

from audio.services.base import Service
from tests.offered import offered

PAGE = Path(__file__).parents[2] / "docs" / "adding_a_service.md"
_MODULE = "tests.docs.service_of_the_page"


@cache
def blocks() -> tuple[str, str]:
    """The Python of the page: the module, and the row of the registry."""
    module, row = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return module, row.strip()


@cache
def service() -> Service:
    module = ModuleType(_MODULE)
    module.__file__ = str(PAGE)
    sys.modules[_MODULE] = module  # dataclasses look their module up
    exec(compile(blocks()[0], str(PAGE), "exec"), module.__dict__)  # noqa: S102 - our own page
    found: Service = module.SERVICE
    return found


def registered() -> AbstractContextManager[None]:
    """The service among the others, for as long as this lasts."""
    return offered(service().name, service().version, _MODULE)
