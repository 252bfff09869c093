from __future__ import annotations

import errno
import os
import tempfile
import unittest
from unittest import mock

from .support import ROOT  # noqa: F401  finds the runtime

from tsuwsgi.logwriter.intake import LONGEST_LINE, Intake


class IntakeTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.pipe = os.path.join(directory.name, "log")
        os.mkfifo(self.pipe)
        # As the master has it open.
        self.writer = os.open(self.pipe, os.O_RDWR)
        self.addCleanup(os.close, self.writer)

    def open(self) -> Intake:
        intake = Intake(self.pipe, self.pipe + ".taken")
        self.addCleanup(os.close, intake.fileno())
        return intake

    def test_whole_lines_come_out_and_the_rest_waits_for_its_end(self) -> None:
        intake = self.open()
        os.write(self.writer, b"one\ntw")
        self.assertEqual((intake.take(), intake.lines()), ("some", b"one\n"))
        intake.drop(4)
        self.assertTrue(intake.has_rest)
        os.write(self.writer, b"o\n")
        self.assertEqual((intake.take(), intake.lines(), intake.everything()), ("some", b"two\n", b"two\n"))
        intake.drop(4)
        self.assertEqual((intake.take(), intake.has_rest), ("none", False))

    def test_what_was_taken_and_not_dropped_is_there_for_the_next_process(self) -> None:
        intake = self.open()
        os.write(self.writer, b"done\none\ntw")
        intake.take()
        intake.drop(5)
        os.write(self.writer, b"o\nthr")
        intake.take()
        successor = self.open()
        self.assertEqual(successor.lines(), b"one\ntwo\n")
        successor.drop(8)
        os.write(self.writer, b"ee\n")
        successor.take()
        self.assertEqual(successor.lines(), b"three\n")

    def test_what_was_dropped_does_not_come_back(self) -> None:
        intake = self.open()
        for line in (b"a longer line\n", b"short\n", b"and another\n"):
            os.write(self.writer, line)
            intake.take()
            intake.drop(len(intake.lines()))
            self.assertEqual(self.open().everything(), b"")

    def test_a_process_killed_between_copying_the_rest_and_going_on_there_loses_and_doubles_nothing(self) -> None:
        intake = self.open()
        os.write(self.writer, b"one\ntw")
        intake.take()
        with open(self.pipe + ".taken", "r+b") as kept:
            kept.seek(8 + (1 << 20))
            kept.write(b"tw")
        successor = self.open()
        self.assertEqual(successor.lines(), b"one\n")
        successor.drop(4)
        self.assertEqual(successor.everything(), b"tw")

    def test_a_line_that_does_not_end_comes_in_pieces(self) -> None:
        intake = self.open()
        for _ in range(LONGEST_LINE // 4096):
            os.write(self.writer, b"x" * 4096)
            intake.take()
        self.assertEqual(intake.lines(), b"")
        os.write(self.writer, b"x")
        intake.take()
        self.assertEqual(len(intake.lines()), LONGEST_LINE + 1)

    def test_memory_that_there_is_not_is_an_error_at_once(self) -> None:
        full = OSError(errno.ENOSPC, "No space left on device")
        with mock.patch("os.posix_fallocate", side_effect=full), self.assertRaisesRegex(OSError, "No space left on device: '.*log.taken'"):
            self.open()

    def test_the_end_is_when_nobody_can_write_any_more(self) -> None:
        intake = self.open()
        self.assertEqual(intake.take(), "none")
        other = os.open(self.pipe, os.O_WRONLY)
        os.write(other, b"last\n")
        before, self.writer = self.writer, other
        os.close(before)
        self.assertEqual(intake.take(), "some")
        self.assertEqual(intake.take(), "none")
        self._cleanups.pop(1)
        os.close(other)
        self.assertEqual(intake.take(), "end")
