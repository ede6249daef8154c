"""How what is missing is installed. The distribution is `audio-gateway`; `audio` on an index is another project."""

from __future__ import annotations

DISTRIBUTION = "audio-gateway"


def how_to_install(extra: str) -> str:
    """The command to type, in a clone and elsewhere."""
    return f"pip install '{DISTRIBUTION}[{extra}]' (in a clone: pip install '.[{extra}]')"
