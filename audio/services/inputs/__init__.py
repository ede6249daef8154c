"""What a service takes: one file for each kind of input.

A declaration is a field of a frozen dataclass. It validates the request, gives the JSON Schemas of the description and
of OpenAPI, and types the code, all in one. `file.py` is the protocol of the kinds that are files.
"""

from audio.services.inputs.album import Album, AlbumInput, album
from audio.services.inputs.choice import Choice, choice
from audio.services.inputs.declaration import MISSING, Attachment, Declaration, Schema, declare, describe, or_null
from audio.services.inputs.file import Clock, FileInput, Gap
from audio.services.inputs.number import Number, number
from audio.services.inputs.picture import Picture, picture
from audio.services.inputs.sound import Sound, sound
from audio.services.inputs.text import Text, text
from audio.services.inputs.timestamp import Moment, Timestamp, timestamp

__all__ = [
    "MISSING",
    "Album",
    "AlbumInput",
    "Attachment",
    "Choice",
    "Clock",
    "Declaration",
    "FileInput",
    "Gap",
    "Moment",
    "Number",
    "Picture",
    "Schema",
    "Sound",
    "Text",
    "Timestamp",
    "album",
    "choice",
    "declare",
    "describe",
    "number",
    "or_null",
    "picture",
    "sound",
    "text",
    "timestamp",
]
