"""When the slots of a worker end.

    serving ──retire──▶ retiring ──leave──▶ leaving
       └─────────────────leave──────────────────┘

Retiring is the master's wish: accept no more, but serve the gateway until it has nothing left and closes the connection.
Leaving is the worker's own (the application called sys.exit, or the master is gone): end after the running request; the gateway gives
what it had sent ahead to another slot.
"""

from __future__ import annotations

import os
import threading

from tsuwsgi.gate import Gate

SERVING, RETIRING, LEAVING = "serving", "retiring", "leaving"


class Lifetime:
    def __init__(self) -> None:
        self.state = SERVING
        # Closed while the server is paused.
        self.gate = Gate()
        self.exit_status = 0
        # The whole server ends, and no other worker takes those over who wait at the direct doors.
        self.clears_doors = False
        self._changed = threading.Event()
        self._lock = threading.Lock()
        # Slots that sleep over their sockets sleep over this pipe too: it hangs up when the state changes.
        self.wake_fd, self._wake_writer = os.pipe()

    def retire(self) -> None:
        self._change(RETIRING)

    def leave(self, status: int = 0) -> None:
        self.exit_status = self.exit_status or status
        self._change(LEAVING)

    def pause(self, seconds: float) -> None:
        """Waits, but not beyond the end of serving."""
        self._changed.wait(seconds)

    def _change(self, state: str) -> None:
        with self._lock:
            if self.state != LEAVING:
                self.state = state
            if not self._changed.is_set():
                self._changed.set()
                os.close(self._wake_writer)
