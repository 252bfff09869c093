"""`log-format = json`: one object a line, in ASCII with JSON's own escapes; docs/logging.md tells its keys, src/core/log/filled-line.ts is its twin."""

from __future__ import annotations

from json.encoder import encode_basestring_ascii as quoted
from typing import Any, Dict

from tsuwsgi import logline
from tsuwsgi.harmless import decoded
from tsuwsgi.logdate import DateOfSecond, iso_date
from tsuwsgi.logline import Piece, shown_second, text_piece
from tsuwsgi.requestlog import LineForm, LogPlace
from tsuwsgi.wsgi import Exchange

_NOTED = ("HTTP_HOST", "HTTP_REFERER", "HTTP_USER_AGENT", "CONTENT_LENGTH")
_HOST, _REFERER, _USER_AGENT, _CONTENT_LENGTH = (f"logged[{at}]" for at in range(len(_NOTED)))

# In the order of the keys. What somebody said:
_SAID = {
    "address": "exchange.address",
    "user": "exchange.user",
    "method": "exchange.method",
    "uri": "exchange.uri",
    "protocol": "exchange.protocol",
    "host": _HOST,
    "referer": _REFERER,
    "user_agent": _USER_AGENT,
}
_NUMBERS = {
    "status": "exchange.status or 500",
    "micros": "spent_us",
    "request_bytes": f"content_length({_CONTENT_LENGTH}) if {_CONTENT_LENGTH} else 0",
    "response_bytes": "exchange.body_size",
    "head_bytes": "exchange.head_size",
    "headers": "exchange.header_count",
}


def json_form(place: LogPlace) -> LineForm:
    """The lines of one slot."""
    pieces = [
        text_piece('{"time":"'),
        Piece("%s", shown_second("date")),
        Piece(".%03dZ", "begun_ms % 1000"),
        text_piece(f'","pid":{place.pid},"worker":{place.worker},"core":{place.core}'),
        Piece(',"app":%d', "exchange.app"),
        *[Piece(f',"{key}":%s', f"""f'"{{{said}}}"' if {said} else null""", said, f"said_as_json({said})", True) for key, said in _SAID.items()],
        *[Piece(f',"{key}":%d', number) for key, number in _NUMBERS.items()],
        Piece(',"via":%s', "null if exchange.via == ' ' else via(exchange)"),
        Piece(',"variables":%s}\n', "nothing if exchange.log_variables is None else variables(exchange.log_variables)"),
    ]
    names: Dict[str, Any] = {"null": "null", "nothing": "{}", "date": DateOfSecond(iso_date), "content_length": content_length}
    return logline.line_form(pieces, _NOTED, {**names, "said_as_json": _said_as_json, "via": _via, "variables": _variables})


def content_length(declared: str) -> int:
    """What the request declared; 0 where that is nothing, or no number."""
    return int(declared) if declared.isascii() and declared.isdigit() else 0


def _said_as_json(text: str) -> str:
    return _quoted(decoded(text)) if text else "null"


def _quoted(text: str) -> str:
    # ASCII alone, so that nothing in it can act on whoever reads it; JSON itself leaves this one.
    return quoted(text).replace("\x7f", "\\u007f")


def _via(exchange: Exchange) -> str:
    via = exchange.via.strip()[len("via ") : -len("()")]
    return quoted(via) if via else "null"


def _variables(variables: Dict[bytes, bytes]) -> str:
    texts = {decoded(name.decode("latin-1")): decoded(value.decode("latin-1")) for name, value in variables.items()}
    return f"{{{','.join([f'{_quoted(name)}:{_quoted(value)}' for name, value in texts.items()])}}}"
