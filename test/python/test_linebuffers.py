from __future__ import annotations

import os
import struct
import tempfile
import unittest
from pathlib import Path

from .support import captured_log, make_line_buffers

from tsuwsgi.linebuffers import SIZE, LineBuffers


class LineBuffersTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = os.path.join(directory.name, "line-buffers")
        make_line_buffers(self.path, slots=8)

    def in_file(self, slot: int) -> bytes:
        slots = Path(self.path).read_bytes()
        size, _, written = struct.unpack_from("<III", slots, slot * SIZE)
        return slots[slot * SIZE + 12 + written : slot * SIZE + 12 + size]

    def test_each_slot_has_a_place_of_its_own_in_the_file(self) -> None:
        buffers = LineBuffers(self.path, 3, 2)
        self.assertTrue(buffers.of(0).put(b"one\n"))
        second = buffers.of(1)
        self.assertTrue(second.put(b"two\n") and second.put(b"three\n"))
        self.assertEqual([self.in_file(slot) for slot in range(8)], [b"", b"", b"", b"one\n", b"two\nthree\n", b"", b"", b""])
        self.assertEqual(second.lines, b"two\nthree\n")
        second.clear()
        self.assertEqual((self.in_file(4), second.lines), (b"", b""))

    def test_what_is_written_waits_no_more_while_others_come(self) -> None:
        buffer = LineBuffers(self.path, 0, 1).of(0)
        buffer.put(b"one\n")
        waiting = buffer.lines
        buffer.put(b"two\n")
        buffer.note_written(len(waiting))
        self.assertEqual((buffer.lines, self.in_file(0)), (b"two\n", b"two\n"))
        buffer.note_written(4)
        self.assertEqual((buffer.lines, self.in_file(0)), (b"", b""))
        buffer.clear()
        buffer.put(b"three\n")
        self.assertEqual((buffer.lines, self.in_file(0)), (b"three\n", b"three\n"))

    def test_is_full_before_the_next_slot_begins(self) -> None:
        buffers = LineBuffers(self.path, 0, 2)
        first = buffers.of(0)
        self.assertFalse(first.put(bytes(SIZE - 11)))
        self.assertTrue(first.put(b"x" * (SIZE - 12)))
        self.assertFalse(first.put(b"y"))
        self.assertEqual((len(self.in_file(0)), self.in_file(1)), (SIZE - 12, b""))
        first.clear()
        self.assertTrue(first.put(b"z"))

    def test_lines_that_the_log_did_not_take_are_counted_on_by_the_next_owner(self) -> None:
        for lines in (3, 4):
            LineBuffers(self.path, 1, 1).of(0).count_dropped(lines)
        self.assertEqual(struct.unpack_from("<II", Path(self.path).read_bytes(), SIZE), (0, 7))

    def test_without_the_file_lines_wait_in_the_process(self) -> None:
        with captured_log() as read:
            buffer = LineBuffers("/nowhere/line-buffers", 0, 1).of(0)
            self.assertRegex(read(), r"/nowhere/line-buffers: No such file or directory; lines about requests are lost when this worker is killed")
        self.assertTrue(buffer.put(b"one\n"))
        self.assertEqual(buffer.lines, b"one\n")
