"""What the requests that run were sent with, for the statistics: asked of a worker while they run, so they pay nothing for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Sequence

if TYPE_CHECKING:
    from tsuwsgi.slot import Slot

# Characters: of a value, of a request, and of all together, since a line of the control channel has an end.
_VALUE, _REQUEST, _ALL = 1024, 8192, 131072
# Who looks at statistics is not to be able to log in as somebody else.
_SECRETS = frozenset(("HTTP_AUTHORIZATION", "HTTP_COOKIE", "HTTP_PROXY_AUTHORIZATION"))
_HIDDEN = "***"


def describe_running(slots: Sequence[Slot]) -> List[Dict[str, Any]]:
    """KEY=VALUE of each request, in the order of its environ, cut where it is long."""
    told = []
    left = _ALL
    for core, slot in enumerate(slots):
        running = slot.running
        if running is None or left < _REQUEST:
            continue
        exchange, environ = running
        variables = _describe(environ)
        left -= sum(map(len, variables))
        told.append({"core": core, "startedAt": exchange.started_ns // 1000, "variables": variables})
    return told


def _describe(environ: Dict[str, Any]) -> List[str]:
    described = []
    left = _REQUEST
    # A copy, which the interpreter makes in one piece: the application may be changing it.
    for name, value in list(environ.items()):
        if not isinstance(value, str) or not name.isupper():
            continue
        text = f"{name}={_HIDDEN if name in _SECRETS else value[:_VALUE]}"
        left -= len(text)
        if left < 0:
            break
        described.append(text)
    return described
