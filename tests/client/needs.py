"""Tests of a service that may not be offered here, for want of an optional package."""

from __future__ import annotations

import pytest

from audio.services import registry


def needs(*names: str) -> pytest.MarkDecorator:
    missing = [name for name in names if not registry.versions(name)]
    return pytest.mark.skipif(bool(missing), reason=f"not offered here: {', '.join(missing)}")
