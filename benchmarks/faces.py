"""How right the services of faces are, on a folder of pictures of your own.

    .venv/bin/python benchmarks/faces.py age_and_gender_estimation FOLDER
    .venv/bin/python benchmarks/faces.py face_expression_estimation FOLDER
    .venv/bin/python benchmarks/faces.py face_recognition FOLDER

The pictures, JPEG or PNG, lie in folders in it whose names are the truth: `34 female` (or one of both), `happiness`, or
the name of a person, of whose pictures the first is the album's sample. The largest face of a picture counts. In
recognition each person is looked for in the album of all, and in that of all others, as a stranger.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from audio import image
from audio.errors import DamagedImage, UnsupportedFormat
from audio.image import Image
from audio.services import age_and_gender_estimation, face_expression_estimation, face_recognition
from audio.services.faces import Inputs

EXPRESSIONS = ("neutral", "happiness", "surprise", "anger", "sadness")
KNOWN_FROM = 0.5


def labelled(folder: Path) -> Iterator[tuple[str, Image]]:
    """Each picture with the name of its folder."""
    for path in sorted(path for path in folder.glob("*/*") if path.is_file()):
        try:
            yield path.parent.name, image.decode(path.read_bytes())
        except (DamagedImage, UnsupportedFormat) as exc:
            print(f"{path}: {exc.message}")


def largest(output: dict[str, Any]) -> dict[str, Any] | None:
    return max(output["faces"], key=lambda face: face["roi"][2] * face["roi"][3], default=None)


def share(right: list[bool]) -> str:
    return f"{100 * sum(right) / len(right):.1f} % of {len(right)}" if right else "none"


def age_and_gender(folder: Path) -> None:
    off, right, missed = list[float](), list[bool](), 0
    for name, picture in labelled(folder):
        face = largest(age_and_gender_estimation.SERVICE.compute(Inputs(picture), None)[0])
        if face is None:
            missed += 1
            continue
        for word in name.split():
            if word in ("male", "female"):
                right.append(face["gender"] == word)
            elif word.isdecimal():
                off.append(abs(face["age"] - int(word)))
            else:
                raise SystemExit(f"{folder / name}: the folders are called by years, male or female, or both.")
    print(f"years off: {sum(off) / len(off):.2f} of {len(off)}" if off else "years off: none")
    print(f"gender right: {share(right)}; without a face: {missed}")


def expression(folder: Path) -> None:
    right = {name: list[bool]() for name in EXPRESSIONS}
    for name, picture in labelled(folder):
        if name not in right:
            raise SystemExit(f"{folder / name}: the folders are called {', '.join(EXPRESSIONS)}.")
        face = largest(face_expression_estimation.SERVICE.compute(Inputs(picture), None)[0])
        right[name].append(face is not None and max(EXPRESSIONS, key=lambda one: face[one]) == name)
    for name, found in right.items():
        print(f"{name} right: {share(found)}")
    print(f"right: {share([one for found in right.values() for one in found])}")


def recognition(folder: Path) -> None:
    people: dict[str, list[Image]] = {}
    for name, picture in labelled(folder):
        people.setdefault(name, []).append(picture)
    album = {name: pictures[:1] for name, pictures in people.items()}
    right, wrong, let_in = list[bool](), list[bool](), list[bool]()
    for name, pictures in people.items():
        for picture in pictures[1:]:
            face = largest(face_recognition.SERVICE.compute(face_recognition.Inputs(picture, album), None)[0])
            named = [n["key"] for n in face["names"] if n["confidence"] >= KNOWN_FROM] if face else []
            right.append(named[:1] == [name])
            wrong.append(bool(named) and named[0] != name)
            let_in.append(any(key != name for key in named))  # an album without this person has the same others
    print(
        f"album of {len(album)}; right: {share(right)}; taken for another: {share(wrong)}; strangers: {share(let_in)}"
    )


BENCHMARKS = {
    "age_and_gender_estimation": age_and_gender,
    "face_expression_estimation": expression,
    "face_recognition": recognition,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("service", choices=BENCHMARKS)
    parser.add_argument("folder", type=Path)
    args = parser.parse_args()
    BENCHMARKS[args.service](args.folder)


if __name__ == "__main__":
    main()
