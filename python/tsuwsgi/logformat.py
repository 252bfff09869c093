"""The lines of uWSGI's own form and of `log-format`, for one slot: the parts that src/core/log/format.ts made of it, filled in for each request.

    [pid: 12|app: 0|req: 1/9] 127.0.0.1 () {46 vars in 581 bytes} [Fri Nov 20 12:10:11 2026]
    GET /x => generated 11 bytes in 0 msecs (HTTP/1.1 200) 2 headers in 66 bytes (1 switches on core 0)      (one line)

The parts become one function that fills one template, so that a format costs what its figures cost: % takes half the time of an f-string of so
many pieces. Its source is made of the expressions below alone; whatever somebody wrote, the texts between and the names of variables, is a value
in its namespace.

What a client or the application said is escaped (harmless.py), after one look at all of it: hardly any needs that.
"""

from __future__ import annotations

import sys
import time
from functools import lru_cache
from types import CodeType
from typing import Any, Callable, Dict, Mapping, NamedTuple, Optional, Sequence, Tuple

from tsuwsgi.config import LogPart, RequestLogConfig
from tsuwsgi.harmless import harmless, harmless_quoted
from tsuwsgi.logdate import DateOfSecond
from tsuwsgi.logjson import NEEDED_BY_JSON, content_length, json_line
from tsuwsgi.memory import own_memory
from tsuwsgi.requestlog import Line, LineForm, LogPlace, Notes
from tsuwsgi.texts import encoded
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
    "cl": "content_length(exchange)",
    "micros": "spent_us",
    "msecs": "spent_us // 1000",
    "tmsecs": "begun_us // 1000",
    "tmicros": "begun_us",
    "time": "begun_s",
    "epoch": "int(now)",
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
    "ltime": ("%s", "ltime.text if ltime.second == begun_s else ltime(begun_s)"),
    "ftime": ("%s", "ftime.text if ftime.second == begun_s else ftime(begun_s)"),
    "ctime": ("%s", "ctime.text if ctime.second == begun_s else ctime(begun_s)"),
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
# What several expressions share is worked out once a line, and only where one of them needs it.
_SHARED = {
    "begun_us": "int(now * 1000000) - spent_us",
    "begun_s": "int(now - spent_us / 1000000)",
    "logged": "exchange.logged",
    "memory": "own_memory()",
}


def line_form(config: RequestLogConfig, place: LogPlace) -> LineForm:
    """What the lines of one slot look like, in the form that was asked for."""
    if config.form == "json":
        return LineForm(json_line(place), _note_taker(NEEDED_BY_JSON))
    needed = _needed(config.parts)
    return LineForm(_compile(config, place), _note_taker(needed) if needed else None)


def compile_ahead(config: RequestLogConfig) -> None:
    """Has the spawner compile the form: the compiler takes half a megabyte, which each worker would have of its own."""
    line_form(config, LogPlace(pid=0, worker=0, core=0))


def _note_taker(names: Tuple[str, ...]) -> Notes:
    def notes(environ: Mapping[str, Any]) -> Dict[str, str]:
        get = environ.get
        return {name: get(name, "") for name in names}

    def careful_notes(environ: Mapping[str, Any]) -> Dict[str, str]:
        return {name: value if type(value) is str else "" for name, value in notes(environ).items()}

    # Ours, such as wsgi.input, are no variables of the request.
    return careful_notes if any("." in name for name in names) else notes


def _needed(parts: Sequence[LogPart]) -> Tuple[str, ...]:
    given = {part.value for part in parts if part.kind == "var"}
    return tuple(sorted(given.union(*[_NEEDED.get(part.value, ()) for part in parts if part.kind == "variable"])))


class _Piece(NamedTuple):
    """A part of the template, and the expression that fills it; a text needs none. `escape` names the function for what somebody said."""

    template: str
    expression: str = ""
    escape: str = ""


def _compile(config: RequestLogConfig, place: LogPlace) -> Line:
    names = _namespace(config, place)
    pieces = [_piece(part, names) for part in [*config.parts, LogPart("text", "\n", False)]]
    whole = " ".join(piece.expression for piece in pieces)
    shared = [f"    {name} = {expression}\n" for name, expression in _SHARED.items() if name in whole]
    source = f"def line(exchange, number, others, spent_us, now):\n{''.join(shared)}{_escaping(pieces, names)}    return {_filled(pieces, names)}\n"
    exec(_code(source), names)
    line: Line = names["line"]
    return line


@lru_cache(maxsize=2)
def _code(source: str) -> CodeType:
    return compile(source, "<log-format>", "exec")


def _namespace(config: RequestLogConfig, place: LogPlace) -> Dict[str, Any]:
    return {
        **{name: name for names in _NEEDED.values() for name in names},
        "dash": "-",
        "pid": place.pid,
        "wid": place.worker,
        "core": place.core,
        "harmless": harmless,
        "harmless_quoted": harmless_quoted,
        "content_length": content_length,
        "ltime": DateOfSecond(lambda second: _date(_WEB_SERVER_DATE, second)),
        "ftime": DateOfSecond(lambda second: _date(config.date_format, second)),
        "ctime": DateOfSecond(time.ctime),
        "own_memory": own_memory,
        "metric": _metric,
        "log_variable": _log_variable,
    }


def _piece(part: LogPart, names: Dict[str, Any]) -> _Piece:
    value = part.value
    if part.kind == "text":
        return _Piece(_bytes_as_text(value).replace("%", "%%"))
    if part.kind == "variable" and value in _CONSTANTS:
        return _Piece(str(names[value]))
    if part.kind == "variable" and value in _NUMBERS:
        return _Piece("%d", _NUMBERS[value])
    if part.kind == "variable" and value in _OTHERS:
        return _Piece(*_OTHERS[value])
    escape = "harmless_quoted" if part.is_quoted else "harmless"
    if part.kind == "variable":
        return _Piece("%s", _SAID[value], escape)
    name = _named(value, names)
    if part.kind == "metric":
        return _Piece("%d", f"metric({name})")
    return _Piece("%s", f"logged[{name}] or dash" if part.kind == "var" else f"log_variable(exchange, {name})", escape)


def _named(value: str, names: Dict[str, Any]) -> str:
    """The name under which the function finds this text."""
    name = f"given_{len(names)}"
    names[name] = value
    return name


def _escaping(pieces: Sequence[_Piece], names: Dict[str, Any]) -> str:
    """Returns the escaped line where something that was said needs that."""
    said = [piece for piece in pieces if piece.escape]
    if not said:
        return ""
    looks = ["said.isascii()", "said.isprintable()"]
    if any(piece.escape == "harmless_quoted" for piece in said):
        looks += ["'\"' not in said", "'\\\\' not in said"]
    escaped = [piece._replace(expression=f"{piece.escape}({piece.expression})") if piece.escape else piece for piece in pieces]
    together = "".join([f"{{{piece.expression}}}" for piece in said])
    return f"    said = f'{together}'\n    if not ({' and '.join(looks)}):\n        return {_filled(escaped, names)}\n"


def _filled(pieces: Sequence[_Piece], names: Dict[str, Any]) -> str:
    template = _named("".join([piece.template for piece in pieces]), names)
    return f"{template} % ({''.join([f'{piece.expression}, ' for piece in pieces if piece.expression])})"


def _log_variable(exchange: Exchange, name: str) -> str:
    return (exchange.log_variables or {}).get(name.encode(), b"-").decode("latin-1")


def _date(form: str, second: int) -> str:
    return _bytes_as_text(time.strftime(form, time.localtime(second)))


def _metric(name: str) -> int:
    module = sys.modules.get("uwsgi")
    get: Optional[Callable[[str], int]] = getattr(module, "metric_get", None)
    try:
        return get(name) if get is not None else 0
    except Exception:
        return 0  # one that is not counted here; a log line never ends a request


def _bytes_as_text(text: str) -> str:
    return encoded(text).decode("latin-1")
