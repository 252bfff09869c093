"""Whether the slots may take requests: open, unless an operator has paused the server."""

from __future__ import annotations

import os


class Gate:
    """Slots sleep over descriptors, so each of its two states is a pipe that is readable as long as the state lasts: it wakes all of them."""

    def __init__(self) -> None:
        self.is_closed = False
        self.open_fd, self._open_writer = os.pipe()
        self.closed_fd, self._closed_writer = os.pipe()
        os.write(self._open_writer, b".")

    def close(self) -> None:
        if not self.is_closed:
            self.is_closed = True
            os.read(self.open_fd, 1)
            os.write(self._closed_writer, b".")

    def open(self) -> None:
        if self.is_closed:
            self.is_closed = False
            os.read(self.closed_fd, 1)
            os.write(self._open_writer, b".")
