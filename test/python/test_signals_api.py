"""`uwsgi.register_signal` and what raises signals: what the master is told, and who runs the handlers."""

from __future__ import annotations

import queue
import threading
import unittest
from time import monotonic
from typing import Any, Dict, List

from .support import PATIENCE, captured_log

from tsuwsgi.api.signals import Signals


class Channel:
    def __init__(self) -> None:
        self.sent: List[Dict[str, Any]] = []

    def send(self, message: Dict[str, Any]) -> None:
        self.sent.append(message)


class SignalsTest(unittest.TestCase):
    def setUp(self) -> None:
        self.signals = Signals()
        self.channel: Any = Channel()

    def test_before_the_fork_they_are_kept_for_the_master(self) -> None:
        self.assertIsNone(self.signals.register_signal(1, "workers", print))
        self.assertIsNone(self.signals.add_rb_timer(1, 3, 2))
        self.assertEqual(
            self.signals.untold,
            [
                {"type": "register", "number": 1, "target": "workers"},
                {"type": "alarm", "number": 1, "alarm": {"kind": "timer", "seconds": 3, "iterations": 2}},
            ],
        )
        self.assertIs(self.signals.signal_registered(1), True)
        self.assertIsNone(self.signals.signal_registered(2))
        with self.assertRaises(RuntimeError):
            self.signals.signal(1)

    def test_a_worker_tells_the_master_at_once(self) -> None:
        self.signals.enter(2, self.channel)
        self.assertIs(self.signals.add_cron(7, -5, 3, -1, -1, 0), True)
        self.signals.add_file_monitor(8, "/etc")
        self.signals.add_timer(9, 1)
        self.signals.signal(9)
        cron = {"kind": "cron", "minute": -5, "hour": 3, "day": -1, "month": -1, "weekday": 0}
        self.assertEqual(
            self.channel.sent,
            [
                {"type": "alarm", "number": 7, "alarm": cron},
                {"type": "alarm", "number": 8, "alarm": {"kind": "file", "path": "/etc"}},
                {"type": "alarm", "number": 9, "alarm": {"kind": "timer", "seconds": 1}},
                {"type": "signal", "number": 9},
            ],
        )
        self.assertEqual(self.signals.untold, [])

    def test_one_thread_runs_the_handlers_in_order_and_finishes_them(self) -> None:
        ran: queue.Queue[int] = queue.Queue()
        self.signals.register_signal(1, "", ran.put)
        self.signals.enter(1, self.channel)
        counted: List[int] = []
        self.signals.count_with(lambda: counted.append(1))
        for _ in range(3):
            self.signals.hear(1)
        self.signals.finish()
        self.assertEqual([ran.get(timeout=PATIENCE) for _ in range(3)], [1, 1, 1])
        self.assertEqual(len(counted), 3)
        self.assertEqual(self.channel.sent, 3 * [{"type": "handles", "number": 1}, {"type": "handles", "number": None}])

    def test_a_handler_that_fails_is_shown_and_the_next_one_runs(self) -> None:
        ran: queue.Queue[int] = queue.Queue()

        def fail(number: int) -> None:
            raise ValueError("nothing works")

        self.signals.register_signal(1, "", fail)
        self.signals.register_signal(2, "", ran.put)
        self.signals.enter(3, self.channel)
        with captured_log() as log:
            for number in (1, 99, 2):
                self.signals.hear(number)
            self.signals.finish()
            said = log()
        self.assertIn("ValueError: nothing works", said)
        self.assertIn("error managing signal 1 on worker 3", said)
        self.assertIn("signal 99: this worker has no handler for it", said)
        self.assertEqual(ran.get(timeout=PATIENCE), 2)

    def test_a_thread_can_wait_for_one(self) -> None:
        seen: queue.Queue[Any] = queue.Queue()

        def wait(number: int) -> None:
            before = self.signals.signal_received()
            self.signals.signal_wait(number)
            seen.put((number, before, self.signals.signal_received()))

        self.signals.register_signal(1, "", lambda number: None)
        with self.assertRaises(RuntimeError):
            self.signals.signal_wait(1)
        self.signals.enter(1, self.channel)
        # One that was there before nobody waits for.
        self.signals.hear(1)
        for number in (1, -1):
            waiting = threading.Thread(target=wait, args=[number], daemon=True)
            waiting.start()
            deadline = monotonic() + PATIENCE
            while waiting.is_alive() and monotonic() < deadline:
                self.signals.hear(1)
                waiting.join(0.01)
            self.assertEqual(seen.get(timeout=PATIENCE), (number, 0, 1))
        self.signals.finish()
        self.assertEqual(self.signals.signal_received(), 0)

    def test_what_makes_no_sense_is_refused(self) -> None:
        for call in (
            lambda: self.signals.register_signal(256, "", print),
            lambda: self.signals.register_signal(1, "mule", print),
            lambda: self.signals.register_signal(1, "", "print"),  # type: ignore[arg-type]
            lambda: self.signals.add_timer(1, 0),
        ):
            with self.assertRaises(ValueError):
                call()
