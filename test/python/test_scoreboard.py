from __future__ import annotations

import os
import struct
import tempfile
import unittest

from .support import make_scoreboard

from tsuwsgi.scoreboard import Scoreboard


class ScoreboardTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = os.path.join(directory.name, "scoreboard")
        make_scoreboard(self.path, slots=6)
        # Six slots: 64 + 48 bytes, rounded up.
        self.record_at = 128 + 256 * 3
        self.board = Scoreboard(self.path)
        self.record = self.board.record(3)

    def read(self) -> bytes:
        with open(self.path, "rb") as file:
            return file.read()[self.record_at : self.record_at + 256]

    def test_a_running_request_is_seen_in_the_file(self) -> None:
        self.record.begin(77, 123456789, b"GET /path?query")
        self.assertEqual(struct.unpack_from("<IIQ", self.read()), (2, 77, 123456789))
        self.assertEqual(struct.unpack_from("<H15s", self.read(), 64), (15, b"GET /path?query"))
        self.assertTrue(self.record.is_busy)

    def test_a_long_label_is_cut_and_a_short_one_leaves_nothing_behind(self) -> None:
        self.record.begin(1, 1, b"x" * 500)
        self.assertEqual(struct.unpack_from("<H186s", self.read(), 64), (186, b"x" * 186))
        self.record.begin(2, 1, b"y")
        self.assertEqual(self.read()[64:], b"\1\0y".ljust(192, b"\0"))

    def test_a_deadline_of_its_own_ends_with_its_request(self) -> None:
        self.board.memory[self.record_at + 252 : self.record_at + 256] = struct.pack("<I", 500)
        self.record.begin(1, 1, b"x" * 500)
        self.assertEqual(struct.unpack_from("<I", self.read(), 252), (0,))

    def test_is_running_the_request_that_began_then_until_its_end(self) -> None:
        self.record.begin(1, 5, b"GET /")
        self.assertEqual([self.record.is_running(start) for start in (4, 5)], [False, True])
        self.record.end(1, 1)
        self.assertFalse(self.record.is_running(5))

    def test_a_finished_request_is_counted(self) -> None:
        self.record.begin(1, 1, b"GET /")
        self.record.end(1000, 50)
        self.record.begin(2, 2, b"GET /")
        self.record.end(2000, 70)
        self.assertEqual(self.board.total(), 2)
        state, last, _, exceptions, sent, running, _, _, average = struct.unpack_from("<IIQQQQQQQ", self.read())
        self.assertEqual((state, last, exceptions, sent, running, average), (1, 2, 0, 120, 3000, 1250))

    def test_errors_are_counted_by_kind(self) -> None:
        self.record.count_exception()
        self.record.count_write_error()
        self.record.count_write_error()
        self.record.count_read_error()
        self.assertEqual(struct.unpack_from("<Q", self.read(), 16), (1,))
        self.assertEqual(struct.unpack_from("<QQ", self.read(), 40), (2, 1))

    def test_the_sum_is_that_of_all_slots_and_goes_on_in_a_new_process(self) -> None:
        other = self.board.record(0)
        self.record.end(1, 1)
        other.end(1, 1)
        self.record.leave()
        self.assertEqual(self.read()[:4], b"\0\0\0\0")
        again = Scoreboard(self.path)
        again.record(3).end(1, 1)
        self.assertEqual(again.total(), 3)
        with open(self.path, "rb") as file:
            self.assertEqual(struct.unpack_from("<6Q", file.read(), 64), (1, 0, 0, 2, 0, 0))

    def test_refuses_a_file_of_another_layout(self) -> None:
        with open(self.path, "r+b") as file:
            file.seek(4)
            file.write(struct.pack("<I", 1))
        with self.assertRaisesRegex(RuntimeError, "not a scoreboard"):
            Scoreboard(self.path)
