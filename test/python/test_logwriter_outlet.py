from __future__ import annotations

import os
import tempfile
import unittest
from typing import List, Sequence

from .support import ROOT  # noqa: F401  finds the runtime

from tsuwsgi.logwriter.outlet import Outlet
from tsuwsgi.logwriter.sinks import PATIENCE_SECONDS, Sink, sink


class Unsteady(Sink):
    def __init__(self) -> None:
        self.works = True
        self.got: List[bytes] = []
        self.tried = self.closed = 0
        self.error = OSError(28, "No space left on device")

    def write(self, records: Sequence[bytes]) -> None:
        self.tried += 1
        if not self.works:
            self.written = len(records) // 2
            raise self.error
        self.got += records

    def close(self) -> None:
        self.closed += 1


class OutletTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        self.now = 100.0
        self.sink = Unsteady()
        self.outlet = Outlet("file:/log", self.sink, lambda: self.now)

    def write(self, *lines: bytes) -> None:
        self.outlet.add(lines)
        self.outlet.flush()

    def test_encoders_act_one_after_the_other(self) -> None:
        self.outlet.encoders = (lambda record: b"P-" + record, lambda record: b"Q-" + record)
        self.write(b"one\n", b"two\n")
        self.assertEqual(self.sink.got, [b"Q-P-one\n", b"Q-P-two\n"])

    def test_a_sink_that_fails_is_left_alone_for_a_second_and_what_it_missed_is_counted(self) -> None:
        self.sink.works = False
        self.write(b"one\n")
        self.write(b"two\n", b"three\n")
        self.assertEqual((self.sink.tried, self.outlet.works), (1, False))
        self.assertEqual(self.outlet.complaint(), "the logger file:/log cannot be written: No space left on device; 3 records were lost")
        self.sink.works, self.now = True, 101.0
        self.write(b"four\n")
        self.assertEqual((self.sink.got, self.outlet.works), ([b"four\n"], True))
        self.assertIsNone(self.outlet.complaint())

    def test_one_that_takes_nothing_is_waited_for_once_and_stays_open(self) -> None:
        self.sink.works, self.sink.error = False, TimeoutError(110, "it takes nothing")
        self.write(b"one\n")
        self.assertEqual((self.sink.patience, self.sink.closed), (PATIENCE_SECONDS, 0))
        for works, patience in ((False, 0.0), (True, 0.0), (True, PATIENCE_SECONDS)):
            self.sink.works, self.now = works, self.now + 1.0
            self.write(b"next\n")
            self.assertEqual((self.sink.patience, self.sink.closed), (patience, 0))

    def test_what_went_out_before_it_failed_is_not_lost(self) -> None:
        self.sink.works = False
        self.write(b"one\n", b"two\n", b"three\n")
        self.assertEqual(self.outlet.complaint(), "the logger file:/log cannot be written: No space left on device; 2 records were lost")

    def test_it_complains_once_a_minute_and_tells_what_was_lost_last(self) -> None:
        self.sink.works = False
        self.write(b"one\n")
        self.assertIsNotNone(self.outlet.complaint())
        self.write(b"two\n")
        self.assertIsNone(self.outlet.complaint())
        self.sink.works, self.now = True, 161.0
        self.write(b"three\n")
        self.assertEqual(self.outlet.complaint(), "the logger file:/log can be written again; 1 record was lost")
        self.now = 300.0
        self.assertIsNone(self.outlet.complaint())

    def rotating(self, backup: str) -> Outlet:
        settings = {"kind": "file", "path": os.path.join(self.directory, "log"), "mode": None, "maxBytes": 6, "backupName": backup}
        outlet = Outlet("file:log", sink(settings), lambda: self.now)
        self.addCleanup(outlet.sink.close)
        for line in (b"one\n", b"two\n", b"three\n"):
            outlet.add([line])
            outlet.flush()
        return outlet

    def read(self, name: str) -> bytes:
        with open(os.path.join(self.directory, name), "rb") as file:
            return file.read()

    def test_a_file_is_rotated_when_it_is_full(self) -> None:
        outlet = self.rotating(os.path.join(self.directory, "old"))
        self.assertEqual((self.read("old"), self.read("log"), outlet.complaint()), (b"one\ntwo\n", b"three\n", None))

    def test_a_file_that_cannot_be_rotated_goes_on_without_losing_a_line(self) -> None:
        outlet = self.rotating(os.path.join(self.directory, "missing", "old"))
        self.assertEqual(self.read("log"), b"one\ntwo\nthree\n")
        self.assertEqual(outlet.complaint(), "the logger file:log cannot rotate its file: No such file or directory; it goes on where it was")
        outlet.exchange("reopen")
        self.now += 60.0
        self.assertIsNone(outlet.complaint())

    def test_a_file_that_cannot_be_opened_anew_stays(self) -> None:
        outlet = self.rotating(os.path.join(self.directory, "old"))
        os.rename(self.directory, self.directory + "-moved")
        self.addCleanup(os.rename, self.directory + "-moved", self.directory)
        outlet.exchange("reopen")
        outlet.add([b"four\n"])
        outlet.flush()
        with open(os.path.join(self.directory + "-moved", "log"), "rb") as file:
            self.assertEqual(file.read(), b"three\nfour\n")
