"""Segmentation: cuts a text into pieces that an engine takes at once, and says how long to pause after each.

Engines take time that grows faster than the length of a text; pieces of a bounded length keep it linear, and are spoken
side by side.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# Chosen, in characters: what espeak-ng speaks in 30 ms; what is a sentence and no exclamation.
LONGEST, SHORTEST = 400, 20
# Chosen, in seconds: the pauses of a calm reader.
PARAGRAPH, SENTENCE, CLAUSE, WORD = 0.6, 0.35, 0.15, 0.03
_SENTENCE_END = re.compile(r"(?<=[.!?])(?<!\b[A-Za-z]\.)[\"')]*\s+")
_CLAUSE_END = re.compile(r"(?<=[,;:–])\s+")


@dataclass(frozen=True)
class Piece:
    """Some text, and the pause after it, in seconds."""

    text: str
    pause: float


def split(text: str, longest: int = LONGEST, *, apart: bool = False) -> list[Piece]:
    """Cut a normalized text into pieces.

    Parameters
    ----------
    text : in words, see `normalise`. Without a letter or a digit it has no pieces.
    longest : characters in a piece, at most.
    apart : each sentence is a piece, so that several are spoken at once; one that is very short goes with the next.

    Returns
    -------
    The pieces; together they are the text.
    """
    paragraphs = [p for p in text.split("\n") if any(c.isalnum() for c in p)]
    pieces: list[Piece] = []
    for paragraph in paragraphs:
        sentences = _sentences(paragraph) if apart else [paragraph]
        for sentence in sentences[:-1]:
            pieces += _cut(sentence, longest, SENTENCE)
        pieces += _cut(sentences[-1], longest, PARAGRAPH)
    return pieces


def parts(pieces: list[Piece]) -> list[list[Piece]]:
    """The pieces in groups, each of which ends where a sentence or a paragraph does."""
    found: list[list[Piece]] = [[]]
    for piece in pieces:
        found[-1].append(piece)
        if piece.pause >= SENTENCE:
            found.append([])
    return [part for part in found if part]


def _sentences(paragraph: str) -> list[str]:
    """The sentences of a paragraph, each of at least SHORTEST characters; the last one may be shorter."""
    sentences = [""]
    for sentence in filter(None, _SENTENCE_END.split(paragraph)):
        if len(sentences[-1]) < SHORTEST:
            sentences[-1] = f"{sentences[-1]} {sentence}".lstrip()
        else:
            sentences.append(sentence)
    return sentences


def _cut(text: str, longest: int, pause: float) -> list[Piece]:
    """A paragraph as whole sentences where they fit, else clauses, else words, else runs of characters."""
    return _pack(
        text.strip(), longest, pause, [(_SENTENCE_END, SENTENCE), (_CLAUSE_END, CLAUSE), (re.compile(r"\s+"), WORD)]
    )


def _pack(text: str, longest: int, pause: float, levels: list[tuple[re.Pattern[str], float]]) -> list[Piece]:
    if len(text) <= longest:
        return [Piece(text, pause)] if any(c.isalnum() for c in text) else []
    if not levels:
        runs = [text[i : i + longest] for i in range(0, len(text), longest)]
        return [Piece(run, WORD) for run in runs[:-1]] + _pack(runs[-1], longest, pause, [])
    (boundary, gap), *finer = levels
    parts = [p for p in boundary.split(text) if p]
    pieces: list[Piece] = []
    line = ""
    for part in parts:
        if line and len(line) + 1 + len(part) > longest:
            pieces += _pack(line, longest, gap, finer)
            line = part
        else:
            line = f"{line} {part}" if line else part
    return pieces + _pack(line, longest, pause, finer)
