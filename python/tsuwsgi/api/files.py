"""Files that uWSGI reads for an application."""

from __future__ import annotations

import re
import struct
from typing import Any, Callable, Dict, Optional, Sequence

from tsuwsgi import log
from tsuwsgi.api.absent import Absence, absent

_SCHEMES = Absence(NotImplementedError, "only the path of a file is understood", "read what it names with Python: urllib, subprocess")
# Modifier, size, modifier; the size of a name or a value.
_HEAD = struct.Struct("<BHB")
_SIZE = struct.Struct("<H")


def functions() -> Sequence[Callable[..., Any]]:
    return (extract, parsefile)


def extract(path: str) -> bytes:
    """What is in a file; OSError where it cannot be read."""
    if not isinstance(path, str):
        raise TypeError(f"extract() takes a str, not {type(path).__name__}")
    if re.match(r"[a-z]+://", path):
        raise absent("extract", _SCHEMES)
    with open(path, "rb") as file:
        return file.read()


def parsefile(path: str) -> Optional[Dict[bytes, bytes]]:
    """The variables of a uwsgi packet in a file, such as one of the spooler; None, and a line in the log, where it is none."""
    if not isinstance(path, str):
        raise TypeError(f"parsefile() takes a str, not {type(path).__name__}")
    try:
        with open(path, "rb") as file:
            return _read_packet(file.read())
    except (OSError, ValueError) as error:
        log.say(f"uwsgi.parsefile({path!r}): {error}")
        return None


def _read_packet(data: bytes) -> Dict[bytes, bytes]:
    if len(data) < _HEAD.size:
        raise ValueError("it is no uwsgi packet")
    end = _HEAD.size + _HEAD.unpack_from(data)[1]
    if end > len(data):
        raise ValueError("it ends in the middle of its uwsgi packet")
    strings, at = [], _HEAD.size
    while at < end:
        start = at + _SIZE.size
        at = start + _SIZE.unpack_from(data, at)[0] if start <= end else end + 1
        if at > end:
            raise ValueError("a string of its uwsgi packet is longer than that")
        strings.append(data[start:at])
    if len(strings) % 2:
        raise ValueError("a name of its uwsgi packet has no value")
    return dict(zip(strings[::2], strings[1::2]))
