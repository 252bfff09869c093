"""`log-format = json`: one object a line, in ASCII with JSON's own escapes; docs/logging.md tells its keys, src/core/log/filled-line.ts is its twin."""

from __future__ import annotations

from json.encoder import encode_basestring_ascii as quoted
from typing import Dict

from tsuwsgi.harmless import decoded
from tsuwsgi.logdate import DateOfSecond, iso_date
from tsuwsgi.requestlog import Line, LogPlace
from tsuwsgi.wsgi import Exchange

NEEDED_BY_JSON = ("HTTP_HOST", "HTTP_USER_AGENT", "HTTP_REFERER", "CONTENT_LENGTH")


def json_line(place: LogPlace) -> Line:
    who = f'"pid":{place.pid},"worker":{place.worker},"core":{place.core}'
    date = DateOfSecond(iso_date)

    def line(exchange: Exchange, _number: int, spent_us: int, now: float) -> str:
        begun_ms = (int(now * 1_000_000) - spent_us) // 1000
        logged = exchange.logged
        text = (
            f'{{"time":"{date(begun_ms // 1000)}.{begun_ms % 1000:03}Z",{who},"app":{exchange.app},'
            f'"address":{_said(exchange.address)},"user":{_said(exchange.user)},"method":{_said(exchange.method)},"uri":{_said(exchange.uri)},'
            f'"protocol":{_said(exchange.protocol)},"host":{_said(logged["HTTP_HOST"])},"referer":{_said(logged["HTTP_REFERER"])},'
            f'"user_agent":{_said(logged["HTTP_USER_AGENT"])},"status":{exchange.status or 500},"micros":{spent_us},'
            f'"request_bytes":{content_length(exchange)},"response_bytes":{exchange.body_size},"head_bytes":{exchange.head_size},'
            f'"headers":{exchange.header_count},"via":{_via(exchange)},"variables":{_variables(exchange.log_variables or {})}}}\n'
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
