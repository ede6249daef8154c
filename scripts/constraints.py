"""Write constraints.txt: the versions of all that an installation takes, for each Python that is supported.

    python scripts/constraints.py python3.10 python3.11 python3.12 python3.13

Each interpreter is asked which versions pip would install for the client and its extras; nothing is installed. With
`--tested PYTHON` what is installed there, in which the tests ran, is taken wherever the other interpreters can have it.
What setup.cfg names by one version already is taken from there.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from configparser import ConfigParser
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
EXTRAS = ("server", "microphone", "mqtt", "postgresql", "redis", "s3", "vision")
Versions = dict[str, str]

HEAD = """\
# Versions that go together, for pip install -c constraints.txt; written by scripts/constraints.py.
# Resolved for Linux on x86_64 and Python {pythons}; tests ran with those of {tested}.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("python", nargs="+", help="an interpreter of each version of Python")
    parser.add_argument("--tested", default=sys.executable, help="the interpreter in which the tests ran")
    args = parser.parse_args()
    tested = installed(args.tested)
    found = {version_of(python): resolved(python, tested) for python in args.python}
    pythons = ", ".join(sorted(found, key=Version))
    lines = sorted([*pinned(), *merged(found)])
    head = HEAD.format(pythons=pythons, tested=version_of(args.tested))
    (ROOT / "constraints.txt").write_text(head + "".join(f"{line}\n" for line in lines))


def version_of(python: str) -> str:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def installed(python: str) -> Versions:
    listed = subprocess.run([python, "-m", "pip", "list", "--format=json"], check=True, capture_output=True, text=True)
    return {canonicalize_name(one["name"]): one["version"] for one in json.loads(listed.stdout)}


def resolved(python: str, tested: Versions) -> Versions:
    """What pip would install: the tested versions, or where they do not fit this Python what it chooses."""
    try:
        return asked(python, tested)
    except subprocess.CalledProcessError:
        return asked(python, {})


def asked(python: str, constraints: Versions) -> Versions:
    """Raises CalledProcessError where nothing fits."""
    with tempfile.TemporaryDirectory() as directory:
        report, wanted = Path(directory, "report.json"), Path(directory, "constraints.txt")
        wanted.write_text("".join(f"{n}=={v}\n" for n, v in constraints.items() if n != "audio-gateway"))
        command = [sys.executable, "-m", "pip", "--python", python, "install", "--dry-run", "--ignore-installed"]
        command += ["--quiet", "--prefer-binary", "--report", str(report), "-c", str(wanted)]
        subprocess.run([*command, f"{ROOT}[{','.join(EXTRAS)}]"], check=True)
        metadata = [one["metadata"] for one in json.loads(report.read_text())["install"]]
    return {canonicalize_name(m["name"]): m["version"] for m in metadata if m["name"] != "audio-gateway"}


def merged(found: dict[str, Versions]) -> list[str]:
    """Lines, with a marker where not every Python has the same version."""
    by_name: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for python, versions in found.items():
        for name, version in versions.items():
            by_name[name][version].append(python)
    return [line for name, versions in by_name.items() for line in lines_of(name, versions, len(found))]


def lines_of(name: str, versions: dict[str, list[str]], every: int) -> list[str]:
    if len(versions) == 1 and len(next(iter(versions.values()))) == every:
        return [f"{name}=={next(iter(versions))}"]
    return [
        f"{name}=={version}; " + " or ".join(f'python_version == "{python}"' for python in sorted(pythons, key=Version))
        for version, pythons in versions.items()
    ]


def pinned() -> list[str]:
    """What the extra `natural` names by one version; not resolved, as that would download the models."""
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    wanted = config["options.extras_require"]["natural"].split()
    return [text for text in wanted if str(Requirement(text).specifier).startswith("==")]


if __name__ == "__main__":
    main()
