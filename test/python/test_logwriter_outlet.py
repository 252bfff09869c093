from __future__ import annotations

import unittest
from typing import List, Sequence

from tsuwsgi.logwriter.outlet import Outlet
from tsuwsgi.logwriter.sinks import Sink


class Unsteady(Sink):
    def __init__(self) -> None:
        self.works = True
        self.written: List[bytes] = []
        self.tried = 0

    def write(self, records: Sequence[bytes]) -> None:
        self.tried += 1
        if not self.works:
            raise OSError(28, "No space left on device")
        self.written += records


class OutletTest(unittest.TestCase):
    def setUp(self) -> None:
        self.now = 100.0
        self.sink = Unsteady()
        self.outlet = Outlet("file:/log", self.sink, lambda: self.now)

    def write(self, *lines: bytes) -> None:
        self.outlet.add(lines)
        self.outlet.flush()

    def test_encoders_act_one_after_the_other(self) -> None:
        self.outlet.encoders = (lambda record: b"P-" + record, lambda record: b"Q-" + record)
        self.write(b"one\n", b"two\n")
        self.assertEqual(self.sink.written, [b"Q-P-one\n", b"Q-P-two\n"])

    def test_a_sink_that_fails_is_left_alone_for_a_second_and_what_it_missed_is_counted(self) -> None:
        self.sink.works = False
        self.write(b"one\n")
        self.write(b"two\n", b"three\n")
        self.assertEqual((self.sink.tried, self.outlet.works), (1, False))
        self.assertEqual(self.outlet.complaint(), "the logger file:/log cannot be written: No space left on device; 3 records were lost")
        self.sink.works, self.now = True, 101.0
        self.write(b"four\n")
        self.assertEqual((self.sink.written, self.outlet.works), ([b"four\n"], True))
        self.assertIsNone(self.outlet.complaint())

    def test_it_complains_once_a_minute_and_tells_what_was_lost_last(self) -> None:
        self.sink.works = False
        self.write(b"one\n")
        self.assertIsNotNone(self.outlet.complaint())
        self.write(b"two\n")
        self.assertIsNone(self.outlet.complaint())
        self.sink.works, self.now = True, 161.0
        self.write(b"three\n")
        self.assertEqual(self.outlet.complaint(), "the logger file:/log can be written again; 1 records were lost")
        self.now = 300.0
        self.assertIsNone(self.outlet.complaint())
