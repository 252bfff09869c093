"""What a worker tells the master of its requests, for `/recent`: the application has raised; a request that runs for long is here.

A site that fails at every request must not pay for that, so few are told a second, and none where the master does not take them. Those that
are left out are counted.
"""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING, Any, Callable, Dict, Mapping

from tsuwsgi import running
from tsuwsgi.exceptions import describe

if TYPE_CHECKING:
    from tsuwsgi.slot import Slot
    from tsuwsgi.wsgi import Exchange

# So many at once, and so many a second for as long as they come.
_BURST, _PER_SECOND = 5.0, 2.0
# Characters. Of a traceback, how the application got there and, which is more telling, where it ended.
_HEAD, _TAIL = 2048, 6144
_URI, _METHOD, _ERROR = 2048, 32, 512


class Reports:
    """@param offer gives a message to the master, and says whether it took it"""

    def __init__(self, offer: Callable[[Dict[str, Any]], bool], mountpoints: Mapping[int, str]) -> None:
        self._offer = offer
        self._mountpoints = mountpoints
        self._left, self._at = _BURST, time.monotonic()
        self._untold = 0
        self._lock = Lock()

    def failed(self, exchange: Exchange, error: BaseException, traceback: str) -> None:
        """The application has raised."""
        with self._lock:
            if not self._may_tell():
                self._untold += 1
                return
            untold, self._untold = self._untold, 0
        if not self._tell(exchange, error, {"traceback": shorten(traceback), "untold": untold}):
            with self._lock:
                self._untold += untold + 1

    def _tell(self, exchange: Exchange, error: BaseException, more: Dict[str, Any]) -> bool:
        slot = running.slot_of_this_thread()
        try:
            where = {"at": time.time(), "core": 0 if slot is None else slot.core, **self._name(exchange)}
            return self._offer({"type": "exception", **where, "error": describe(error)[:_ERROR], **more})
        except Exception:
            return False  # such as want of memory: the client waits for its answer

    def shown(self, slot: Slot, started_us: int, stack: str) -> None:
        """The request that this slot began then runs for long, and this is where it was; nothing is told once it has ended."""
        now = slot.running
        if stack and now is not None and now[0].started_ns // 1000 == started_us:
            where = {"core": slot.core, "startedAt": started_us, **self._name(now[0])}
            self._offer({"type": "shown", **where, "stack": shorten(stack)})

    def _name(self, exchange: Exchange) -> Dict[str, str]:
        # Mountpoints are of the configuration, and come here as what clients send does: one character for each byte.
        mountpoint = self._mountpoints.get(exchange.app, "").encode("latin-1", "replace").decode("utf-8", "replace")
        return {"application": mountpoint, "method": exchange.method[:_METHOD], "uri": exchange.uri[:_URI]}

    def _may_tell(self) -> bool:
        now = time.monotonic()
        self._left, self._at = min(_BURST, self._left + (now - self._at) * _PER_SECOND), now
        if self._left < 1:
            return False
        self._left -= 1
        return True


def shorten(text: str) -> str:
    """The beginning and the end of what is too long."""
    if len(text) <= _HEAD + _TAIL:
        return text
    return f"{text[:_HEAD]}\n  … {len(text) - _HEAD - _TAIL} characters are left out …\n{text[-_TAIL:]}"
