"""The lines of `log-format`, for one slot: the parts that src/core/log/format.ts made of it, filled in for each request.

What a client or the application said is escaped (harmless.py); in the object of `json` it is ASCII with JSON's own escapes. Texts are latin-1
here, one character for each byte, until the line is written.
"""

from __future__ import annotations

import json
import mmap
import sys
import time
from typing import Any, Callable, Dict, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

from tsuwsgi.config import LogPart, RequestLogConfig
from tsuwsgi.harmless import harmless, harmless_quoted
from tsuwsgi.requestlog import BATCH, LogPlace, RequestLog
from tsuwsgi.wsgi import Exchange

_MEGABYTE = 1024 * 1024
# As web servers write it.
_WEB_SERVER_DATE = "%d/%b/%Y:%H:%M:%S %z"


class Entry(NamedTuple):
    """A finished request."""

    exchange: Exchange
    place: LogPlace
    # "this worker's/all workers'" number of the request.
    count: str
    spent_us: int
    # Microseconds since 1970.
    begun_us: int
    date_format: str


def _content_length(entry: Entry) -> int:
    declared = entry.exchange.logged["CONTENT_LENGTH"]
    return int(declared) if declared.isascii() and declared.isdigit() else 0


_Text = Callable[[Entry], str]

# What the client said, or something in front of us in its name. `-` is shown where it said nothing.
_SAID: Dict[str, _Text] = {
    "uri": lambda entry: entry.exchange.uri,
    "method": lambda entry: entry.exchange.method,
    "user": lambda entry: entry.exchange.user,
    "addr": lambda entry: entry.exchange.address,
    "host": lambda entry: entry.exchange.logged["HTTP_HOST"],
    "proto": lambda entry: entry.exchange.protocol,
    "uagent": lambda entry: entry.exchange.logged["HTTP_USER_AGENT"],
    "referer": lambda entry: entry.exchange.logged["HTTP_REFERER"],
}
# The same in the default line, where nothing is shown as nothing.
_SAID_IN_LINE: Dict[str, _Text] = {
    "@user": _SAID["user"],
    "@addr": _SAID["addr"],
    "@method": _SAID["method"],
    "@uri": _SAID["uri"],
    "@proto": _SAID["proto"],
    "@forwarded": lambda entry: entry.exchange.logged["HTTP_X_FORWARDED_FOR"] or entry.exchange.address,
}
# What we know ourselves.
_OWN: Dict[str, Callable[[Entry], Union[str, int]]] = {
    "status": lambda entry: entry.exchange.status or 500,
    "rsize": lambda entry: entry.exchange.body_size,
    "hsize": lambda entry: entry.exchange.head_size,
    "size": lambda entry: entry.exchange.head_size + entry.exchange.body_size,
    "cl": _content_length,
    "micros": lambda entry: entry.spent_us,
    "msecs": lambda entry: entry.spent_us // 1000,
    "secs": lambda entry: f"{entry.spent_us / 1_000_000:.6f}",
    "tmsecs": lambda entry: entry.begun_us // 1000,
    "tmicros": lambda entry: entry.begun_us,
    "time": lambda entry: entry.begun_us // 1_000_000,
    "ltime": lambda entry: _date(_WEB_SERVER_DATE, entry),
    "ftime": lambda entry: _date(entry.date_format, entry),
    "ctime": lambda entry: time.ctime(entry.begun_us // 1_000_000),
    "epoch": lambda entry: int(time.time()),
    "pid": lambda entry: entry.place.pid,
    "wid": lambda entry: entry.place.worker,
    "switches": lambda entry: entry.exchange.switches,
    "vars": lambda entry: 2 * entry.exchange.pairs,
    "core": lambda entry: entry.place.core,
    "vsz": lambda entry: _memory()[0],
    "rss": lambda entry: _memory()[1],
    "vszM": lambda entry: _memory()[0] // _MEGABYTE,
    "rssM": lambda entry: _memory()[1] // _MEGABYTE,
    "pktsize": lambda entry: entry.exchange.packet_size,
    "modifier1": lambda entry: entry.exchange.modifiers[0],
    "modifier2": lambda entry: entry.exchange.modifiers[1],
    "headers": lambda entry: entry.exchange.header_count,
    # A client that left is seen when writing to it fails.
    "werr": lambda entry: int(entry.exchange.has_lost_client),
    "rerr": lambda entry: 0,
    "ioerr": lambda entry: int(entry.exchange.has_lost_client),
    "@app": lambda entry: entry.exchange.app,
    "@req": lambda entry: entry.count,
    "@via": lambda entry: entry.exchange.via,
}
# The variables of the environ that they need.
_NEEDED = {"host": "HTTP_HOST", "uagent": "HTTP_USER_AGENT", "referer": "HTTP_REFERER", "cl": "CONTENT_LENGTH", "@forwarded": "HTTP_X_FORWARDED_FOR"}
_NEEDED_BY_JSON = ("HTTP_HOST", "HTTP_USER_AGENT", "HTTP_REFERER", "CONTENT_LENGTH")


def request_log(config: RequestLogConfig, place: LogPlace) -> RequestLog:
    """The log of one slot, in the form that was asked for."""
    if config.form == "json":
        return FormattedLog(_json, _NEEDED_BY_JSON, config.date_format, place)
    if config.form == "parts":
        fillers = [_filler(part) for part in config.parts]
        return FormattedLog(lambda entry: "".join([fill(entry) for fill in fillers]), _needed(config.parts), config.date_format, place)
    return RequestLog(place)


class FormattedLog(RequestLog):
    """Lines of another form."""

    def __init__(self, line: _Text, needed: Tuple[str, ...], date_format: str, place: LogPlace) -> None:
        super().__init__(place)
        self._line = line
        self._place = place
        self._date_format = date_format
        self.notes = _note_taker(needed) if needed else None

    def add(self, exchange: Exchange, count: str, spent_us: int) -> None:
        now = time.time()
        if int(now) != self._second:
            self.flush()
            self._second = int(now)
        entry = Entry(exchange, self._place, count, spent_us, int(now * 1_000_000) - spent_us, self._date_format)
        self._lines.append(self._line(entry) + "\n")
        if len(self._lines) >= BATCH:
            self.flush()


def _note_taker(names: Tuple[str, ...]) -> Callable[[Mapping[str, Any]], Dict[str, str]]:
    def notes(environ: Mapping[str, Any]) -> Dict[str, str]:
        values = [environ.get(name, "") for name in names]
        # Ours, such as wsgi.input, are no variables of the request.
        return {name: value if type(value) is str else "" for name, value in zip(names, values)}

    return notes


def _needed(parts: Sequence[LogPart]) -> Tuple[str, ...]:
    names = [part.value if part.kind == "var" else _NEEDED.get(part.value, "") for part in parts if part.kind in ("var", "variable")]
    return tuple(sorted({name for name in names if name}))


def _filler(part: LogPart) -> _Text:
    if part.kind == "text":
        text = _bytes_as_text(part.value)
        return lambda entry: text
    if part.kind == "variable" and part.value in _OWN:
        own = _OWN[part.value]
        return lambda entry: str(own(entry))
    if part.kind == "metric":
        return lambda entry: str(_metric(part.value))
    said, escape = _said(part), harmless_quoted if part.is_quoted else harmless
    return lambda entry: escape(said(entry))


def _said(part: LogPart) -> _Text:
    if part.kind == "variable" and part.value in _SAID_IN_LINE:
        return _SAID_IN_LINE[part.value]
    if part.kind == "variable":
        of_client = _SAID[part.value]
        return lambda entry: of_client(entry) or "-"
    if part.kind == "var":
        return lambda entry: entry.exchange.logged[part.value] or "-"
    name = part.value.encode()
    return lambda entry: (entry.exchange.log_variables or {}).get(name, b"-").decode("latin-1")


def _date(form: str, entry: Entry) -> str:
    return _bytes_as_text(time.strftime(form, time.localtime(entry.begun_us // 1_000_000)))


def _memory() -> Tuple[int, int]:
    """Address space and resident memory of this process in bytes; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", "rb") as statm:
            size, resident = statm.read().split()[:2]
    except OSError:
        return 0, 0
    return int(size) * mmap.PAGESIZE, int(resident) * mmap.PAGESIZE


def _metric(name: str) -> int:
    module = sys.modules.get("uwsgi")
    get: Optional[Callable[[str], int]] = getattr(module, "metric_get", None)
    try:
        return get(name) if get is not None else 0
    except Exception:
        return 0  # one that is not counted here; a log line never ends a request


def _bytes_as_text(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def _json(entry: Entry) -> str:
    exchange, place = entry.exchange, entry.place
    begun = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(entry.begun_us // 1_000_000))
    variables = {_shown(name.decode("latin-1")): _shown(value.decode("latin-1")) for name, value in (exchange.log_variables or {}).items()}
    fields: Dict[str, Any] = {
        "time": f"{begun}.{entry.begun_us // 1000 % 1000:03}Z",
        "pid": place.pid,
        "worker": place.worker,
        "core": place.core,
        "app": exchange.app,
        "address": _shown(exchange.address) or None,
        "user": _shown(exchange.user) or None,
        "method": _shown(exchange.method) or None,
        "uri": _shown(exchange.uri) or None,
        "protocol": _shown(exchange.protocol) or None,
        "host": _shown(exchange.logged["HTTP_HOST"]) or None,
        "referer": _shown(exchange.logged["HTTP_REFERER"]) or None,
        "user_agent": _shown(exchange.logged["HTTP_USER_AGENT"]) or None,
        "status": exchange.status or 500,
        "micros": entry.spent_us,
        "request_bytes": _content_length(entry),
        "response_bytes": exchange.body_size,
        "head_bytes": exchange.head_size,
        "headers": exchange.header_count,
        "via": exchange.via.strip()[len("via ") : -len("()")] or None,
        "variables": variables,
    }
    # ASCII alone, so that nothing in it can act on whoever reads it.
    return json.dumps(fields, separators=(",", ":")).replace("\x7f", "\\u007f")


def _shown(text: str) -> str:
    """Text, where its bytes are UTF-8; otherwise what is not by its number."""
    data = text.encode("latin-1", "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return harmless(text).encode("latin-1", "replace").decode()
