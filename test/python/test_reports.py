from __future__ import annotations

import unittest
from types import SimpleNamespace
from typing import Any, Dict, List, Optional
from unittest import mock

from .support import GET  # noqa: F401  puts our package on the path

from tsuwsgi.reports import Reports, shorten


def exchange(**more: Any) -> Any:
    return SimpleNamespace(**{"app": 1, "method": "GET", "uri": "/x", "started_ns": 5_000_999, **more})


class ReportsTest(unittest.TestCase):
    def setUp(self) -> None:
        self.told: List[Dict[str, Any]] = []
        self.takes = True
        clock = mock.patch("tsuwsgi.reports.time.monotonic", side_effect=lambda: self.now)
        self.now = 100.0
        clock.start()
        self.addCleanup(clock.stop)
        self.reports = Reports(self.offer, {0: "", 1: "/caf\xc3\xa9"})

    def offer(self, message: Dict[str, Any]) -> bool:
        if self.takes:
            self.told.append(message)
        return self.takes

    def let_fail(self, times: int = 1, error: Optional[BaseException] = None, traceback: str = "Traceback …", **more: Any) -> None:
        for _ in range(times):
            self.reports.failed(exchange(**more), error or ValueError("no such item"), traceback)

    def test_an_error_is_told_with_the_request(self) -> None:
        self.let_fail()
        (message,) = self.told
        self.assertGreater(message.pop("at"), 0)
        expected = {"type": "exception", "core": 0, "application": "/café", "method": "GET", "uri": "/x"}
        self.assertEqual(message, {**expected, "error": "ValueError: no such item", "traceback": "Traceback …", "untold": 0})

    def test_few_are_told_when_many_come_and_the_others_are_counted(self) -> None:
        self.let_fail(100)
        self.assertEqual([message["untold"] for message in self.told], [0] * 5)
        self.now += 1
        self.let_fail(100)
        self.assertEqual([message["untold"] for message in self.told[5:]], [95, 0])
        self.now += 1000
        self.let_fail(100)
        self.assertEqual([message["untold"] for message in self.told[7:]], [98, 0, 0, 0, 0])

    def test_what_the_master_does_not_take_is_counted(self) -> None:
        self.takes = False
        self.let_fail(2)
        self.takes = True
        self.let_fail(2)
        self.assertEqual([message["untold"] for message in self.told], [2, 0])

    def test_what_fails_while_another_is_offered_is_counted_too(self) -> None:
        untold: List[int] = []

        def offer(message: Dict[str, Any]) -> bool:
            untold.append(message["untold"])
            if len(untold) == 1:
                reports.failed(exchange(), ValueError(), "")
            return len(untold) > 2

        reports = Reports(offer, {})
        for _ in range(2):
            reports.failed(exchange(), ValueError(), "")
        self.assertEqual(untold, [0, 0, 2])

    def test_want_of_memory_is_none_of_the_requests_business(self) -> None:
        with mock.patch("tsuwsgi.reports.describe", side_effect=MemoryError):
            self.let_fail()
        self.let_fail()
        self.assertEqual([message["untold"] for message in self.told], [1])

    def test_long_texts_are_cut(self) -> None:
        self.let_fail(error=ValueError("x" * 9999), uri="/" + "u" * 9999, method="M" * 99, traceback="t" * 20000)
        (message,) = self.told
        self.assertEqual([len(message[key]) for key in ("error", "uri", "method")], [512, 2048, 32])
        self.assertLess(len(message["traceback"]), 8300)

    def test_an_error_has_the_name_that_a_traceback_gives_it(self) -> None:
        class Refused(Exception):
            pass

        class Silent(Exception):
            def __str__(self) -> str:
                raise OSError

        self.let_fail(error=KeyError())
        self.let_fail(error=Refused("no"))
        self.let_fail(error=Silent())
        names = [message["error"] for message in self.told]
        self.assertEqual(names[0], "KeyError")
        self.assertRegex(names[1], r"^\S*test_reports\.\S*Refused: no$")
        self.assertRegex(names[2], r"Silent: \(its text cannot be shown: OSError\)$")

    def test_a_stack_is_told_of_the_request_that_was_meant(self) -> None:
        slot = SimpleNamespace(core=2, running=(exchange(), {}))
        self.reports.shown(slot, 5000, "  File …")
        named = {"application": "/café", "method": "GET", "uri": "/x"}
        self.assertEqual(self.told, [{"type": "shown", "core": 2, "startedAt": 5000, **named, "stack": "  File …"}])

    def test_and_of_none_that_has_ended(self) -> None:
        self.reports.shown(SimpleNamespace(core=0, running=(exchange(), {})), 4999, "  File …")
        self.reports.shown(SimpleNamespace(core=0, running=None), 5000, "  File …")
        self.reports.shown(SimpleNamespace(core=0, running=(exchange(), {})), 5000, "")
        self.assertEqual(self.told, [])


class ShortenTest(unittest.TestCase):
    def test_keeps_what_is_short(self) -> None:
        self.assertEqual(shorten("a" * 8192), "a" * 8192)

    def test_keeps_the_beginning_and_the_end(self) -> None:
        text = shorten("a" * 5000 + "b" * 5000)
        self.assertTrue(text.startswith("a" * 2048 + "\n  … 1808 characters are left out …\n"))
        self.assertTrue(text.endswith("b" * 5000))
