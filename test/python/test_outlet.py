from __future__ import annotations

import fcntl
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from typing import Callable, List
from unittest import mock

from .support import PATIENCE, ROOT, full_disk

from tsuwsgi.outlet import ROOM, Outlet

NOTICE = re.compile(rb"\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4} - (\d+) lines? w(?:as|ere) dropped: the log did not take them")


def line(number: int) -> bytes:
    return b"%06d " % number + b"x" * 200 + b"\n"


class StalledTest(unittest.TestCase):
    """A reader that takes nothing for a while."""

    def setUp(self) -> None:
        self.dropped = 0

    def outlet(self, fd: int) -> Outlet:
        outlet = Outlet(fd)
        outlet.dropped = self.count
        return outlet

    def count(self, lines: int) -> None:
        self.dropped += lines

    def pipe(self) -> List[int]:
        fds = list(os.pipe())
        for fd in fds:
            self.addCleanup(os.close, fd)
        return fds

    def read(self, fd: int, is_done: Callable[[bytes], object]) -> List[bytes]:
        found = b""
        os.set_blocking(fd, False)
        deadline = time.monotonic() + PATIENCE
        while not is_done(found):
            self.assertLess(time.monotonic(), deadline, found[-300:])
            try:
                found += os.read(fd, 65536)
            except BlockingIOError:
                time.sleep(0.001)
        return found.splitlines()

    def check(self, reader: int, writer: int) -> None:
        """All lines are whole and in their order up to the first that was dropped, the rest is counted."""
        outlet = self.outlet(writer)
        for number in range(4000):
            outlet.write(line(number))
        self.assertGreater(self.dropped, 0)
        *lines, last = self.read(reader, NOTICE.search)
        self.assertEqual(lines, [line(number)[:-1] for number in range(len(lines))])
        told = NOTICE.fullmatch(last)
        assert told is not None
        self.assertEqual((int(told[1]), len(lines) + self.dropped), (self.dropped, 4000))
        outlet.write(b"after\n")
        self.assertEqual(self.read(reader, lambda found: b"after" in found), [b"after"])

    def test_a_pipe(self) -> None:
        reader, writer = self.pipe()
        self.check(reader, writer)
        self.assertFalse(fcntl.fcntl(writer, fcntl.F_GETFL) & os.O_NONBLOCK, "others write to it as well")

    def test_a_pipe_that_cannot_be_opened_anew(self) -> None:
        reader, writer = self.pipe()
        with mock.patch("tsuwsgi.outlet.os.open", side_effect=PermissionError):
            self.check(reader, writer)

    def test_a_socket(self) -> None:
        reader, writer = socket.socketpair()
        with reader, writer:
            self.check(reader.fileno(), writer.fileno())

    def test_a_terminal(self) -> None:
        reader, writer = os.openpty()
        try:
            # Nothing is added to the lines on the way.
            subprocess.run(["stty", "raw"], stdin=writer, check=True)
            self.check(reader, writer)
        finally:
            os.close(reader)
            os.close(writer)

    def test_what_waits_leaves_as_soon_as_there_is_room_without_a_further_line(self) -> None:
        reader, writer = self.pipe()
        outlet = self.outlet(writer)
        numbers = range((65536 + ROOM // 2) // len(line(0)))
        for number in numbers:
            outlet.write(line(number))
        self.assertEqual(self.dropped, 0)
        self.assertEqual(self.read(reader, lambda found: found.count(b"\n") == len(numbers)), [line(number)[:-1] for number in numbers])

    def test_a_child_does_not_write_what_waits_in_its_parent(self) -> None:
        reader, writer = self.pipe()
        outlet = self.outlet(writer)
        for number in range(500):
            outlet.write(line(number))
        pid = os.fork()
        if pid == 0:
            outlet.finish()
            os._exit(len(outlet._waiting) > 0)
        self.assertEqual(os.waitpid(pid, 0)[1], 0)
        self.assertEqual(len(self.read(reader, lambda found: found.count(b"\n") == 500)), 500)

    def test_lines_for_a_reader_that_is_gone_are_dropped(self) -> None:
        reader, writer = os.pipe()
        os.close(reader)
        outlet = self.outlet(writer)
        outlet.write(line(1) + line(2))
        outlet.write(line(3))
        os.close(writer)
        self.assertEqual(self.dropped, 3)

    def test_what_a_full_disk_did_not_take_is_counted_and_the_line_that_it_cut_ended(self) -> None:
        with tempfile.TemporaryFile() as file:
            outlet = self.outlet(file.fileno())
            with full_disk(6):
                outlet.write(b"one\ntwo\nthree\n")
                outlet.write(b"four\n")
            self.assertEqual(self.dropped, 3)
            outlet.write(b"five\n")
            lines = os.pread(file.fileno(), 1000, 0).splitlines()
        self.assertEqual((lines[:2], lines[3:]), ([b"one", b"tw"], [b"five"]))
        self.assertEqual(NOTICE.findall(lines[2]), [b"3"])

    def test_a_descriptor_that_becomes_another_file_is_noticed(self) -> None:
        reader, writer = self.pipe()
        outlet = self.outlet(writer)
        outlet.write(b"pipe\n")
        with tempfile.TemporaryFile() as file:
            os.dup2(file.fileno(), writer)
            outlet.write(line(1) * 100)
            self.assertEqual(os.fstat(file.fileno()).st_size, 100 * len(line(1)))
        self.assertEqual(os.read(reader, 100), b"pipe\n")

    def test_the_end_of_a_process_waits_a_moment_for_a_slow_reader(self) -> None:
        program = "from tsuwsgi import log\nfor i in range(400): log.write(b'%03d' % i + b'x' * 200 + b'\\n')\nlog.flush()\nimport os; os._exit(0)"
        with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT / "python", stderr=subprocess.PIPE) as process:
            assert process.stderr is not None
            self.assertEqual(len(process.stderr.read().splitlines()), 400)
