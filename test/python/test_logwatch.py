from __future__ import annotations

import os
import threading
import unittest
from time import monotonic_ns
from typing import Any, List
from unittest import mock

from .support import PATIENCE

from tsuwsgi import logwatch
from tsuwsgi.logwatch import LogWatch


class FakeLog:
    def __init__(self) -> None:
        self.last = 0
        self.is_flushed = threading.Event()

    def flush_beside(self) -> None:
        self.is_flushed.set()


class LogWatchTest(unittest.TestCase):
    def setUp(self) -> None:
        self.fd, self.writer = os.pipe()
        self.addCleanup(os.close, self.fd)
        self.addCleanup(os.close, self.writer)
        self.log: Any = FakeLog()
        self.watch = LogWatch()
        self.watch.watch([self.log])

    def wait_in_background(self) -> None:
        thread = threading.Thread(target=self.watch.wait_for, args=(self.fd,), daemon=True)
        thread.start()

        def end() -> None:
            os.write(self.writer, b"x")
            thread.join(PATIENCE)
            self.assertFalse(thread.is_alive())

        self.addCleanup(end)

    def test_writes_a_line_whose_slot_is_busy_with_something_else(self) -> None:
        with mock.patch.multiple(logwatch, _PERIOD_S=0.01, _STALE_NS=100_000_000):
            self.wait_in_background()
            self.assertFalse(self.log.is_flushed.is_set())
            self.log.last = monotonic_ns()
            self.watch.arm()
            self.assertTrue(self.log.is_flushed.wait(PATIENCE))
            self.assertGreater(monotonic_ns(), self.log.last + 100_000_000)

    def test_looks_no_more_once_nothing_is_logged(self) -> None:
        timeouts: List[Any] = []

        def ready(timeout: Any) -> List[Any]:
            timeouts.append(timeout)
            return [(self.fd, 1)] if timeout is None else []

        with mock.patch("select.poll") as poll, mock.patch.multiple(logwatch, _PERIOD_S=0.0, _QUIET_NS=50_000_000):
            poll.return_value.poll = ready
            self.log.last = monotonic_ns()
            self.watch.arm()
            self.watch.wait_for(self.fd)
        self.assertEqual(set(timeouts[:-1]), {0.0})
        self.assertIsNone(timeouts[-1])
        self.assertGreater(monotonic_ns(), self.log.last + 50_000_000)

    def test_stays_armed_where_a_line_comes_while_it_asks_for_the_last_one(self) -> None:
        timeouts: List[Any] = []
        watch = self.watch

        def ready(timeout: Any) -> List[Any]:
            timeouts.append(timeout)
            return [(self.fd, 1)] if len(timeouts) == 2 else []

        class Late:
            """The slot puts its line in when the watch has just read that there is none."""

            asked = 0

            @property
            def last(self) -> int:
                self.asked += 1
                if self.asked == 2:
                    watch.arm()
                return 0

            def flush_beside(self) -> None:
                pass

        late: Any = Late()
        watch.watch([late])
        with mock.patch("select.poll") as poll, mock.patch.multiple(logwatch, _PERIOD_S=0.0):
            poll.return_value.poll = ready
            watch.arm()
            watch.wait_for(self.fd)
        self.assertEqual(timeouts, [0.0, 0.0])
