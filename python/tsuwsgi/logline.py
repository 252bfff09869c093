"""How the lines of a form are made: its pieces become one function that fills one template, so that a form costs what its figures cost. (% takes
half the time of an f-string of so many pieces.)

The source of that function is made of the pieces' expressions alone, which stand in this package. Whatever somebody wrote, the texts between and
the names of variables, is a value in its namespace.

What clients and applications say is looked at all together: hardly any of it needs to be escaped, and where some does, another template is filled.
"""

from __future__ import annotations

import time
from functools import lru_cache
from types import CodeType
from typing import Any, Dict, List, NamedTuple, Sequence

from tsuwsgi.logdate import clock
from tsuwsgi.requestlog import LineForm
from tsuwsgi.texts import encoded


class Piece(NamedTuple):
    """A part of a line: what it is in the template, and the expression that fills it; a text needs none."""

    template: str
    expression: str = ""
    # Where it is something that somebody said: the expression of that, and what fills the template where it must be escaped.
    said: str = ""
    careful: str = ""
    # It stands between double quotes, which it must not close.
    is_quoted: bool = False


# What several expressions share is worked out once a line, and only where one of them needs it; a later one may need an earlier one.
_SHARED = {
    "begun": "exchange.started_ns",
    "begun_us": "(begun + clock.offset_ns) // 1000",
    "begun_ms": "begun_us // 1000",
    "logged": "exchange.logged",
    "memory": "own_memory()",
}


def text_piece(text: str) -> Piece:
    """A text, as it was written; a line has one character for each of its bytes."""
    return Piece(bytes_as_text(text).replace("%", "%%"))


def bytes_as_text(text: str) -> str:
    return encoded(text).decode("latin-1")


def date(form: str, second: int) -> str:
    """A second in the signs of strftime(3), by the clock of this place."""
    return bytes_as_text(time.strftime(form, time.localtime(second)))


def shown_second(name: str) -> str:
    """The expression that shows the second of the request's beginning by the DateOfSecond of this name: without a call, nearly always."""
    return f"{name}.text if {name}.begins <= begun < {name}.ends else {name}(begun)"


def named(value: Any, names: Dict[str, Any]) -> str:
    """Gives the function this value; returns under which name it finds it."""
    name = f"given_{len(names)}"
    names[name] = value
    return name


def line_form(pieces: Sequence[Piece], noted: Sequence[str], names: Dict[str, Any]) -> LineForm:
    """The form of these pieces. `noted` are the variables of the environ that they need: in `logged`, in this order; `names` is all else that they name."""
    whole = " ".join(f"{piece.expression} {piece.careful}" for piece in pieces)
    shared: List[str] = []
    for name, expression in reversed(tuple(_SHARED.items())):
        if name in whole:
            whole += expression
            shared.insert(0, f"    {name} = {expression}\n")
    filled = _filled([piece.expression for piece in pieces], pieces, names)
    source = f"def line(exchange, number, others, spent_us):\n{''.join(shared)}{_escaping(pieces, names)}    return {filled}\n"
    if noted:
        source += f"def notes(environ):\n    get = environ.get\n    return ({''.join([_note(name, names) for name in noted])})\n"
    names.update(clock=clock, text_or_nothing=_text_or_nothing)
    exec(_code(source), names)
    return LineForm(names["line"], names.get("notes"))


@lru_cache(maxsize=2)
def _code(source: str) -> CodeType:
    return compile(source, "<log-format>", "exec")


def _note(name: str, names: Dict[str, Any]) -> str:
    got = f"get({named(name, names)}, '')"
    # Ours, such as wsgi.input, are no variables of the request.
    return f"text_or_nothing({got}), " if "." in name else f"{got}, "


def _text_or_nothing(value: Any) -> str:
    return value if type(value) is str else ""


def _escaping(pieces: Sequence[Piece], names: Dict[str, Any]) -> str:
    """Returns the escaped line where something that was said needs that."""
    said = [piece for piece in pieces if piece.said]
    if not said:
        return ""
    looks = ["said.isascii()", "said.isprintable()"]
    if any(piece.is_quoted for piece in said):
        looks += ["'\"' not in said", "'\\\\' not in said"]
    together = "".join([f"{{{piece.said}}}" for piece in said])
    escaped = _filled([piece.careful or piece.expression for piece in pieces], pieces, names)
    return f"    said = f'{together}'\n    if not ({' and '.join(looks)}):\n        return {escaped}\n"


def _filled(expressions: Sequence[str], pieces: Sequence[Piece], names: Dict[str, Any]) -> str:
    template = named("".join([piece.template for piece in pieces]), names)
    return f"{template} % ({''.join([f'{expression}, ' for expression in expressions if expression])})"
