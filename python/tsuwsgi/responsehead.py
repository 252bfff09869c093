"""The head of a response: what an application gives to start_response(), checked, and as it goes out."""

from __future__ import annotations

import re
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Dict, FrozenSet, List, NamedTuple, Optional, Sequence, Tuple

Headers = List[Tuple[str, str]]

_REASONS = {status.value: status.phrase for status in HTTPStatus}

# RFC 9110, 7.6.1: about the connection, which is the server's and not the application's (PEP 3333, "Other HTTP Features").
_HOP_BY_HOP = frozenset(
    ("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer", "trailers")
    + ("transfer-encoding", "upgrade")
)

# The gateway takes no frame above 1 MiB, and no client accepts a head near this.
_HEAD_LIMIT = 524288


class HeaderChanges(NamedTuple):
    """`add-header` and `rem-header`."""

    added: Headers
    # In lower case.
    removed: FrozenSet[str]

    def apply(self, headers: Headers) -> Headers:
        if type(headers) is not list:
            return headers  # refused by who looks at them next
        return [header for header in headers if not self._removes(header)] + self.added

    def _removes(self, header: Any) -> bool:
        return isinstance(header, tuple) and len(header) == 2 and isinstance(header[0], str) and header[0].lower() in self.removed


def header_changes(added: Sequence[str], removed: Sequence[str]) -> Optional[HeaderChanges]:
    """What gives every response these header lines, and takes the application's headers of these names away; None where that is nothing."""
    if not added and not removed:
        return None
    lines = [line.partition(":") for line in added]
    return HeaderChanges([(name, value.strip()) for name, _, value in lines], frozenset(name.lower() for name in removed))


# Applications have few different status lines, hence the cache.
@lru_cache(maxsize=256, typed=True)
def status_code(status: str) -> int:
    """The code with which a status line begins. TypeError or ValueError where it has none that an answer may have."""
    if not isinstance(status, str):
        raise TypeError(f"the status must be a str such as '200 OK', not {type(status).__name__}: {status!r:.60}")
    code = status[:3]
    if not re.fullmatch(r"[2-9][0-9][0-9]", code, re.ASCII) or status[3:4] not in ("", " "):
        raise ValueError(f"the status must begin with a code from 200 to 999, as in '200 OK', and not be {status!r:.60}")
    return int(code)


@lru_cache(maxsize=256, typed=True)
def _status_line(status: str) -> str:
    """`200` alone gets its reason, as in uWSGI."""
    _refuse_breaks(status, "the status")
    return f"{status}\r\n" if len(status) > 4 else f"{status[:3]} {_REASONS.get(int(status), 'Unknown')}\r\n"


class HeaderLine(NamedTuple):
    """A header as it goes out, empty for one that does not, and the number in it if it is Content-Length, or -1."""

    text: str
    length: int


# Header lines that were checked already. An application sends the same few over and over: looking one up takes a third of making it. Plain
# tuples, which are taken apart in half of the time.
_known_lines: Dict[Tuple[str, str], Tuple[str, int]] = {}
_KNOWN_LINES = 1024
_KNOWN_SIZE = 256


def format_head(status: str, headers: Headers) -> Tuple[bytes, int]:
    """Status line and header lines, each with its CRLF, and the declared Content-Length or -1. TypeError or ValueError for what is no head."""
    if type(headers) is not list:
        raise TypeError(f"the headers must be a list of (name, value) tuples, not {type(headers).__name__}")
    length = -1
    text = _status_line(status)
    look_up = _known_lines.get
    for header in headers:
        try:
            known = look_up(header) or _remember(header)
        except TypeError:
            known = None  # one that holds no strings: what is wrong with it is said outside of this error
        line, declared = known or header_line(header)
        text += line
        if declared >= 0:
            if 0 <= length != declared:
                raise ValueError(f"two different Content-Lengths: {length} and {declared}")
            length = declared
    if len(text) > _HEAD_LIMIT:
        raise ValueError(f"the response's headers have {len(text)} bytes; {_HEAD_LIMIT} is the most")
    try:
        return text.encode("latin-1"), length
    except UnicodeEncodeError as error:
        raise TypeError(f"the status and the headers must be encodable in latin-1 (PEP 3333): {error}") from None


def _remember(header: Tuple[str, str]) -> Tuple[str, int]:
    text, length = header_line(header)
    if len(text) <= _KNOWN_SIZE:
        if len(_known_lines) >= _KNOWN_LINES:
            _known_lines.clear()
        _known_lines[header] = (text, length)
    return text, length


def header_line(header: Tuple[str, str]) -> HeaderLine:
    """TypeError or ValueError for what is no header."""
    if not isinstance(header, tuple) or len(header) != 2:
        raise TypeError(f"each header must be a (name, value) tuple, not {header!r:.60}")
    name, value = header
    if not isinstance(name, str) or not isinstance(value, str):
        raise TypeError(f"the name and the value of a header must be str, not {header!r:.100}")
    if not re.fullmatch(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+", name):
        raise ValueError(f"{name!r:.60} cannot be the name of a header (RFC 9110, 5.1)")
    lower = name.lower()
    if lower in _HOP_BY_HOP:
        return HeaderLine("", -1)
    _refuse_breaks(value, f"the header {name}")
    return HeaderLine(f"{name}: {value}\r\n", _content_length(value) if lower == "content-length" else -1)


def _refuse_breaks(text: str, what: str) -> None:
    if "\r" in text or "\n" in text or "\0" in text:
        raise ValueError(f"{what} holds a line break or NUL: {text!r:.100}")


def _content_length(value: str) -> int:
    if not re.fullmatch(r"[ \t]*[0-9]{1,15}[ \t]*", value):
        raise ValueError(f"Content-Length must be a whole number, not {value!r:.60}")
    return int(value)
