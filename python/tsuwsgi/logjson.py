"""`log-format = json`: one object a line, in ASCII with JSON's own escapes; docs/logging.md tells its keys, src/core/log/filled-line.ts is its twin."""

from __future__ import annotations

from json.encoder import encode_basestring_ascii as quoted
from typing import Dict

from tsuwsgi.harmless import decoded
from tsuwsgi.logdate import DateOfSecond, iso_date
from tsuwsgi.requestlog import Line, LogPlace
from tsuwsgi.wsgi import Exchange

NEEDED_BY_JSON = ("HTTP_HOST", "HTTP_USER_AGENT", "HTTP_REFERER", "CONTENT_LENGTH")


# Filled in by %, which takes half the time of an f-string of so many pieces. {who} is the same in all lines of a slot.
_TEMPLATE = (
    '{"time":"%s.%03dZ",{who},"app":%d,"address":%s,"user":%s,"method":%s,"uri":%s,"protocol":%s,"host":%s,"referer":%s,"user_agent":%s,'
    '"status":%d,"micros":%d,"request_bytes":%d,"response_bytes":%d,"head_bytes":%d,"headers":%d,"via":%s,"variables":%s}\n'
)


def json_line(place: LogPlace) -> Line:
    template = _TEMPLATE.replace("{who}", f'"pid":{place.pid},"worker":{place.worker},"core":{place.core}')
    date = DateOfSecond(iso_date)

    def line(exchange: Exchange, _number: int, _others: int, spent_us: int, now: float) -> str:
        begun_ms = (int(now * 1_000_000) - spent_us) // 1000
        begun_s = begun_ms // 1000
        logged, user, referer = exchange.logged, exchange.user, exchange.logged["HTTP_REFERER"]
        via, variables = exchange.via, exchange.log_variables
        text = template % (
            date.text if date.second == begun_s else date(begun_s),
            begun_ms % 1000,
            exchange.app,
            _said(exchange.address),
            _said(user) if user else "null",
            _said(exchange.method),
            _said(exchange.uri),
            _said(exchange.protocol),
            _said(logged["HTTP_HOST"]),
            _said(referer) if referer else "null",
            _said(logged["HTTP_USER_AGENT"]),
            exchange.status or 500,
            spent_us,
            content_length(exchange) if logged["CONTENT_LENGTH"] else 0,
            exchange.body_size,
            exchange.head_size,
            exchange.header_count,
            "null" if via == " " else _via(exchange),
            "{}" if variables is None else _variables(variables),
        )
        # ASCII alone, so that nothing in it can act on whoever reads it; JSON itself leaves this one.
        return text.replace("\x7f", "\\u007f")

    return line


def content_length(exchange: Exchange) -> int:
    """What the request declared; 0 where that is nothing, or no number."""
    declared = exchange.logged["CONTENT_LENGTH"]
    return int(declared) if declared.isascii() and declared.isdigit() else 0


def _said(text: str) -> str:
    if not text:
        return "null"
    # Nearly always, and then one call of C.
    return quoted(text) if text.isascii() else quoted(decoded(text))


def _via(exchange: Exchange) -> str:
    via = exchange.via.strip()[len("via ") : -len("()")]
    return quoted(via) if via else "null"


def _variables(variables: Dict[bytes, bytes]) -> str:
    texts = {decoded(name.decode("latin-1")): decoded(value.decode("latin-1")) for name, value in variables.items()}
    return f"{{{','.join([f'{quoted(name)}:{quoted(value)}' for name, value in texts.items()])}}}"
