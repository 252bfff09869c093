"""One stream of lines on its way: what is filtered out, where each line goes, and in which form.

lines ─▶ drain, filter ─▶ routes: the named loggers whose expression matches
                               └─ none does ─▶ all loggers without a name; without any, the output of the server
"""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Pattern, Sequence, Tuple

from tsuwsgi.logwriter.encoders import Encode, encoder
from tsuwsgi.logwriter.outlet import Outlet
from tsuwsgi.logwriter.sinks import OutputSink, sink
from tsuwsgi.texts import encoded

_OUTPUT = 2
# Not splitlines(), for which a carriage return ends a line, too.
_LINES = re.compile(rb"[^\n]*\n|[^\n]+")


class _Route(NamedTuple):
    expression: Pattern[bytes]
    outlets: Sequence[Outlet]


class Stream:
    def __init__(self, settings: Mapping[str, Any]) -> None:
        """@raises ValueError that tells what is wrong with the settings"""
        self.outlets = [_outlet(logger) for logger in settings["loggers"]]
        named: Dict[Optional[str], List[Outlet]] = {}
        for logger, outlet in zip(settings["loggers"], self.outlets):
            named.setdefault(logger["name"], []).append(outlet)
        if None not in named:
            output = Outlet("the output of the server", OutputSink(_OUTPUT))
            self.outlets.append(output)
            named[None] = [output]
        self._rest = named[None]
        self._routes = [_Route(_compiled("log-route", each["expression"]), named[each["logger"]]) for each in settings["routes"]]
        self._drain = [_compiled("log-drain", text) for text in settings["drain"]]
        self._filter = [_compiled("log-filter", text) for text in settings["filter"]]
        for name, outlets in named.items():
            encoders = _encoders(settings["encoders"], name)
            for outlet in outlets:
                outlet.encoders = encoders

    def write(self, data: bytes) -> None:
        """Lines, of which the last one may lack its end. Afterwards they are where they are to go, or lost and counted."""
        lines = _LINES.findall(data)
        if not (self._routes or self._drain or self._filter):
            for outlet in self._rest:
                outlet.add(lines)
        else:
            for line in lines:
                self._sort(line)
        for outlet in self.outlets:
            outlet.flush()

    def _sort(self, line: bytes) -> None:
        if any(expression.search(line) for expression in self._drain):
            return
        if self._filter and not any(expression.search(line) for expression in self._filter):
            return
        matching = [route for route in self._routes if route.expression.search(line)]
        if not matching:
            for outlet in self._rest:
                outlet.add([line])
        for route in matching:
            for outlet in route.outlets:
                outlet.add([line])


def _outlet(logger: Mapping[str, Any]) -> Outlet:
    return Outlet(logger["written"], sink(logger["sink"]))


def _encoders(settings: Sequence[Mapping[str, Any]], name: Optional[str]) -> Tuple[Encode, ...]:
    """Those for all loggers, and those for the loggers of this name, in the order in which they were written."""
    return tuple(encoder(each["kind"], each["argument"]) for each in settings if each["logger"] is None or each["logger"] == name)


def _compiled(option: str, text: str) -> Pattern[bytes]:
    try:
        return re.compile(encoded(text))
    except re.error as error:
        raise ValueError(f'{option}: "{text}" is no regular expression of Python ({error})') from None
