"""The lines of uWSGI's own form and of `log-format`, for one slot: the parts that src/core/log/format.ts made of it, filled in for each request.

    [pid: 12|app: 0|req: 1/9] 127.0.0.1 () {46 vars in 581 bytes} [Fri Nov 20 12:10:11 2026]
    GET /x => generated 11 bytes in 0 msecs (HTTP/1.1 200) 2 headers in 66 bytes (1 switches on core 0)      (one line)

logline.py makes a function of them; what a client or the application said is escaped (harmless.py).
"""

from __future__ import annotations

import sys
import time
from typing import Any, Callable, Dict, List, Optional, Sequence

from tsuwsgi import logline
from tsuwsgi.config import LogPart, RequestLogConfig
from tsuwsgi.harmless import harmless, harmless_quoted
from tsuwsgi.logdate import DateOfSecond
from tsuwsgi.logjson import content_length, json_form
from tsuwsgi.logline import Piece, date, named, shown_second, text_piece
from tsuwsgi.memory import own_memory
from tsuwsgi.requestlog import LineForm, LogPlace
from tsuwsgi.wsgi import Exchange

# As web servers write it.
_WEB_SERVER_DATE = "%d/%b/%Y:%H:%M:%S %z"

# What the client said, or something in front of us in its name. `-` is shown where it said nothing.
_SAID = {
    "uri": "exchange.uri or dash",
    "method": "exchange.method or dash",
    "user": "exchange.user or dash",
    "addr": "exchange.address or dash",
    "host": "logged[HTTP_HOST] or dash",
    "proto": "exchange.protocol or dash",
    "uagent": "logged[HTTP_USER_AGENT] or dash",
    "referer": "logged[HTTP_REFERER] or dash",
    # The same in the default line, where nothing is shown as nothing.
    "@user": "exchange.user",
    "@addr": "exchange.address",
    "@method": "exchange.method",
    "@uri": "exchange.uri",
    "@proto": "exchange.protocol",
    "@forwarded": "logged[HTTP_X_FORWARDED_FOR] or exchange.address",
    "@host": "logged[HTTP_HOST] or logged[SERVER_NAME]",
}
# What we know ourselves, as numbers.
_NUMBERS = {
    "status": "exchange.status or 500",
    "rsize": "exchange.body_size",
    "hsize": "exchange.head_size",
    "size": "exchange.head_size + exchange.body_size",
    "cl": "content_length(logged[CONTENT_LENGTH])",
    "micros": "spent_us",
    "msecs": "spent_us // 1000",
    "tmsecs": "begun_us // 1000",
    "tmicros": "begun_us",
    "time": "begun_us // 1000000",
    "epoch": "(begun_us + spent_us) // 1000000",
    "switches": "exchange.switches",
    "vars": "2 * exchange.pairs",
    "vsz": "memory.address_space",
    "rss": "memory.resident",
    "vszM": "memory.address_space // 1048576",
    "rssM": "memory.resident // 1048576",
    "pktsize": "exchange.packet_size",
    "modifier1": "exchange.modifiers[0]",
    "modifier2": "exchange.modifiers[1]",
    "headers": "exchange.header_count",
    # A client that left is seen when writing to it fails.
    "werr": "exchange.has_lost_client",
    "rerr": "0",
    "ioerr": "exchange.has_lost_client",
    "@app": "exchange.app",
}
# And otherwise: how it is shown, and what.
_OTHERS = {
    "secs": ("%.6f", "spent_us / 1000000"),
    "ltime": ("%s", shown_second("ltime")),
    "ftime": ("%s", shown_second("ftime")),
    "ctime": ("%s", shown_second("ctime")),
    "@req": ("%d/%d", "number, number + others"),
    "@via": ("%s", "exchange.via"),
}
# The variables of the environ that they need.
_NEEDED = {
    "host": ("HTTP_HOST",),
    "uagent": ("HTTP_USER_AGENT",),
    "referer": ("HTTP_REFERER",),
    "cl": ("CONTENT_LENGTH",),
    "@forwarded": ("HTTP_X_FORWARDED_FOR",),
    "@host": ("HTTP_HOST", "SERVER_NAME"),
}
# The same in all lines of a slot, and so a part of the template.
_CONSTANTS = ("pid", "wid", "core")


def line_form(config: RequestLogConfig, place: LogPlace) -> LineForm:
    """What the lines of one slot look like, in the form that was asked for."""
    if config.form == "json":
        return json_form(place)
    noted = _noted(config.parts)
    names = _namespace(config, place, noted)
    return logline.line_form([_piece(part, names, noted) for part in [*config.parts, LogPart("text", "\n", False)]], noted, names)


def compile_ahead(config: RequestLogConfig) -> None:
    """Has the spawner compile the form: the compiler takes half a megabyte, which each worker would have of its own."""
    line_form(config, LogPlace(pid=0, worker=0, core=0))


def _noted(parts: Sequence[LogPart]) -> List[str]:
    """The variables of the environ that these parts show."""
    given = {part.value for part in parts if part.kind == "var"}
    return sorted(given.union(*[_NEEDED.get(part.value, ()) for part in parts if part.kind == "variable"]))


def _namespace(config: RequestLogConfig, place: LogPlace, noted: Sequence[str]) -> Dict[str, Any]:
    return {
        **{name: noted.index(name) for names in _NEEDED.values() for name in names if name in noted},
        "dash": "-",
        "pid": place.pid,
        "wid": place.worker,
        "core": place.core,
        "harmless": harmless,
        "harmless_quoted": harmless_quoted,
        "content_length": content_length,
        "ltime": DateOfSecond(lambda second: date(_WEB_SERVER_DATE, second)),
        "ftime": DateOfSecond(lambda second: date(config.date_format, second)),
        "ctime": DateOfSecond(time.ctime),
        "own_memory": own_memory,
        "metric": _metric,
        "log_variable": _log_variable,
    }


def _piece(part: LogPart, names: Dict[str, Any], noted: Sequence[str]) -> Piece:
    value = part.value
    if part.kind == "text":
        return text_piece(value)
    if part.kind == "variable" and value in _CONSTANTS:
        return text_piece(str(names[value]))
    if part.kind == "variable" and value in _NUMBERS:
        return Piece("%d", _NUMBERS[value])
    if part.kind == "variable" and value in _OTHERS:
        return Piece(*_OTHERS[value])
    if part.kind == "metric":
        return Piece("%d", f"metric({named(value, names)})")
    said = _said(part, names, noted)
    return Piece("%s", said, said, f"{'harmless_quoted' if part.is_quoted else 'harmless'}({said})", part.is_quoted)


def _said(part: LogPart, names: Dict[str, Any], noted: Sequence[str]) -> str:
    if part.kind == "variable":
        return _SAID[part.value]
    if part.kind == "var":
        return f"logged[{noted.index(part.value)}] or dash"
    return f"log_variable(exchange, {named(part.value, names)})"


def _log_variable(exchange: Exchange, name: str) -> str:
    return (exchange.log_variables or {}).get(name.encode(), b"-").decode("latin-1")


def _metric(name: str) -> int:
    module = sys.modules.get("uwsgi")
    get: Optional[Callable[[str], int]] = getattr(module, "metric_get", None)
    try:
        return get(name) if get is not None else 0
    except Exception:
        return 0  # one that is not counted here; a log line never ends a request
