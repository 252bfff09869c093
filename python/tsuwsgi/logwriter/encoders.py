"""Encoders: each makes another record of a record, which is a line with its end (`log-encoder`)."""

from __future__ import annotations

import gzip
import json
import re
import time
import zlib
from typing import Callable, Dict

from tsuwsgi.texts import encoded

Encode = Callable[[bytes], bytes]

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_STRFTIME = "strftime:"


def encoder(kind: str, argument: str) -> Encode:
    return _ENCODERS[kind](argument)


def _prefix(argument: str) -> Encode:
    text = encoded(argument)
    return lambda record: text + record


def _suffix(argument: str) -> Encode:
    text = encoded(argument)
    return lambda record: record + text


def _nl(_: str) -> Encode:
    return lambda record: record + b"\n"


def _format(argument: str) -> Encode:
    return _template(argument, lambda message: message)


def _json(argument: str) -> Encode:
    return _template(argument, _quoted)


def _gzip(_: str) -> Encode:
    return gzip.compress


def _compress(_: str) -> Encode:
    return zlib.compress


_ENCODERS: Dict[str, Callable[[str], Encode]] = {
    "prefix": _prefix,
    "suffix": _suffix,
    "nl": _nl,
    "format": _format,
    "json": _json,
    "gzip": _gzip,
    "compress": _compress,
}


def _template(text: str, shown: Encode) -> Encode:
    """The text with its variables filled in; `shown` is what it makes of the message."""
    pieces = _VARIABLE.split(text)
    fillers = [_variable(piece, shown) if index % 2 else _constant(piece) for index, piece in enumerate(pieces)]
    return lambda record: b"".join([fill(record) for fill in fillers])


def _constant(text: str) -> Encode:
    data = encoded(text)
    return lambda record: data


def _variable(name: str, shown: Encode) -> Encode:
    if name == "msg":
        return lambda record: shown(record[:-1] if record.endswith(b"\n") else record)
    if name == "msgnl":
        return shown
    if name == "unix":
        return lambda record: b"%d" % time.time()
    if name == "micros":
        return lambda record: b"%d" % (time.time_ns() // 1000)
    if name.startswith(_STRFTIME):
        form = name[len(_STRFTIME) :]
        return lambda record: encoded(time.strftime(form))
    # As in uWSGI.
    return lambda record: b""


def _quoted(message: bytes) -> bytes:
    """The message as it stands between the quotation marks of JSON; bytes that are no UTF-8 by their number."""
    return json.dumps(message.decode("utf-8", "backslashreplace"), ensure_ascii=False)[1:-1].encode()
