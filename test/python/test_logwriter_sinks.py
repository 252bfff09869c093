from __future__ import annotations

import os
import socket
import tempfile
import unittest
from typing import Any, List
from unittest import mock

from .support import full_disk

from tsuwsgi.logwriter import sinks
from tsuwsgi.logwriter.sinks import Sink, sink


class SinksTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        self.file = os.path.join(self.directory, "log")

    def open(self, kind: str, **settings: Any) -> Sink:
        opened = sink({"kind": kind, **settings})
        opened.open()
        self.addCleanup(opened.close)
        return opened

    def file_sink(self, **settings: Any) -> Sink:
        return self.open("file", **{"path": self.file, "mode": None, "maxBytes": 0, "backupName": None, **settings})

    def receiver(self, family: socket.AddressFamily = socket.AF_INET, name: Any = ("127.0.0.1", 0)) -> socket.socket:
        receiver = socket.socket(family, socket.SOCK_DGRAM)
        self.addCleanup(receiver.close)
        receiver.settimeout(10)
        receiver.bind(name)
        return receiver

    def read(self, path: str) -> bytes:
        with open(path, "rb") as file:
            return file.read()

    def test_a_file_grows_and_has_the_mode_that_is_asked_for(self) -> None:
        with open(self.file, "wb") as before:
            before.write(b"before\n")
        self.file_sink(mode=0o600).write([b"one\n", b"two\n"])
        self.assertEqual(self.read(self.file), b"before\none\ntwo\n")
        self.assertEqual(os.stat(self.file).st_mode & 0o777, 0o600)

    def test_a_file_that_is_too_large_gets_another_name(self) -> None:
        backup = os.path.join(self.directory, "old")
        opened = self.file_sink(maxBytes=6, backupName=backup)
        for line in (b"one\n", b"two\n", b"three\n"):
            opened.write([line])
            if opened.is_full:
                opened.rotate()
        self.assertEqual((self.read(backup), self.read(self.file)), (b"one\ntwo\n", b"three\n"))

    def test_a_record_of_which_the_disk_took_only_the_beginning_is_a_line_of_its_own(self) -> None:
        opened = self.file_sink()
        with full_disk(6), self.assertRaises(OSError):
            opened.write([b"one\n", b"two\n", b"three\n"])
        self.assertEqual(opened.written, 1)
        with full_disk(6), self.assertRaises(OSError):
            opened.write([b"four\n"])
        with full_disk(12), self.assertRaises(OSError):
            opened.write([b"five\n", b"six\n"])
        opened.write([b"seven\n"])
        self.assertEqual(self.read(self.file), b"one\ntw\nfive\nseven\n")

    def test_two_rotations_within_a_second_keep_both_files(self) -> None:
        opened = self.file_sink()
        with mock.patch("time.time", return_value=1000.5):
            for line in (b"one\n", b"two\n"):
                opened.write([line])
                opened.rotate()
        self.assertEqual((self.read(self.file + ".1000"), self.read(self.file + ".1000.1")), (b"one\n", b"two\n"))

    def test_a_file_that_was_moved_away_is_opened_anew(self) -> None:
        opened = self.file_sink()
        opened.write([b"one\n"])
        os.rename(self.file, self.file + ".moved")
        opened.reopen()
        opened.write([b"two\n"])
        self.assertEqual((self.read(self.file + ".moved"), self.read(self.file)), (b"one\n", b"two\n"))

    def test_a_socket_has_a_datagram_for_each_record(self) -> None:
        path = os.path.join(self.directory, "socket")
        for receiver, address in ((self.receiver(), None), (self.receiver(socket.AF_UNIX, path), {"path": path})):
            host, port = receiver.getsockname() if address is None else ("", 0)
            opened = self.open("socket", address=address or {"host": host, "port": port})
            opened.write([b"one\n", b"two\n"])
            self.assertEqual([receiver.recv(100), receiver.recv(100)], [b"one\n", b"two\n"])

    def test_a_socket_that_comes_back_is_found_again(self) -> None:
        path = os.path.join(self.directory, "socket")
        before = self.receiver(socket.AF_UNIX, path)
        opened = self.open("socket", address={"path": path})
        before.close()
        os.unlink(path)
        after = self.receiver(socket.AF_UNIX, path)
        opened.write([b"one\n"])
        self.assertEqual(after.recv(100), b"one\n")
        self.assertEqual(opened._socket.gettimeout(), opened.patience, "it is not waited for any longer either")

    def test_a_socket_whose_reader_takes_nothing_is_not_waited_for_for_ever(self) -> None:
        path = os.path.join(self.directory, "socket")
        receiver = self.receiver(socket.AF_UNIX, path)
        opened = self.open("socket", address={"path": path})
        opened.patience = 0.01
        with self.assertRaisesRegex(OSError, "timed out"):
            opened.write([b"one\n"] * 100_000)
        sent = 0
        receiver.setblocking(False)
        with self.assertRaises(BlockingIOError):
            while receiver.recv(100):
                sent += 1
        self.assertEqual(opened.written, sent)

    def rsyslog(self, receiver: socket.socket, **settings: Any) -> Sink:
        host, port = receiver.getsockname()
        usual = {"address": {"host": host, "port": port}, "ident": "shop", "priority": 29, "packetBytes": 1024, "splits": False}
        return self.open("rsyslog", **{**usual, **settings})

    def test_another_machines_syslog_gets_the_packets_that_uwsgi_sends(self) -> None:
        receiver = self.receiver()
        with mock.patch("time.ctime", return_value="Sat Nov  1 13:14:17 2026"):
            self.rsyslog(receiver).write([b"one\n"])
            self.rsyslog(receiver, ident="", priority=133).write([b"two\n"])
        self.assertEqual(receiver.recv(100), b"<29>Nov  1 13:14:17 shop: one")
        self.assertEqual(receiver.recv(100), f"<133>Nov  1 13:14:17 {socket.gethostname()} uwsgi: two".encode())

    def test_a_long_message_is_cut_or_split(self) -> None:
        receiver, head = self.receiver(), b"<29>Nov  1 13:14:17 shop: "
        with mock.patch("time.ctime", return_value="Sat Nov  1 13:14:17 2026"):
            self.rsyslog(receiver, packetBytes=len(head) + 10).write([b"0123456789abcdef\n"])
            self.rsyslog(receiver, packetBytes=len(head) + 10, splits=True).write([b"0123456789abcdef\n", b"\n"])
        self.assertEqual([receiver.recv(100) for _ in range(4)], [head + b"0123456789", head + b"0123456789", head + b"abcdef", head])

    def test_this_machines_syslog_gets_what_its_own_library_sends(self) -> None:
        path = os.path.join(self.directory, "dev-log")
        receiver = self.receiver(socket.AF_UNIX, path)
        with mock.patch.object(sinks, "_SYSLOG", path), mock.patch("time.ctime", return_value="Sat Nov 21 13:20:14 2026"):
            self.open("syslog", ident="myid", facility=19).write([b"one\n"])
        self.assertEqual(receiver.recv(100), b"<158>Nov 21 13:20:14 myid: one")

    def test_a_command_reads_the_lines_and_is_started_again_when_it_has_ended(self) -> None:
        opened = self.open("pipe", command=f"head -n 1 >> {self.file}")
        opened.write([b"one\n"])
        opened.close()
        opened.open()
        opened.write([b"two\n"])
        opened.close()
        self.assertEqual(self.read(self.file), b"one\ntwo\n")

    def test_a_command_that_takes_nothing_is_not_waited_for_for_ever_and_gets_whole_lines_later(self) -> None:
        reads = os.path.join(self.directory, "reads")
        os.mkfifo(reads)
        opened = self.open("pipe", command=f"read line < {reads}; cat > {self.file}")
        opened.patience = 0.01
        with self.assertRaisesRegex(TimeoutError, "it takes nothing"):
            opened.write([b"%05d%s\n" % (number, b"x" * 93) for number in range(1000)])
        with open(reads, "wb"):
            pass
        opened.patience = 10.0
        opened.write([b"after\n"])
        opened.close()
        *lines, cut, after, end = self.read(self.file).split(b"\n")
        self.assertEqual({len(line) for line in lines}, {98})
        self.assertTrue(cut.startswith(b"%05d" % len(lines)), cut)
        self.assertEqual((after, end), (b"after", b""))

    def test_a_command_that_cannot_be_run_is_not_given_lines_over_and_over(self) -> None:
        opened = self.open("pipe", command="exit 3")
        opened._process.wait(10)
        with self.assertRaisesRegex(OSError, r"its command ended at once \(status 3\)"):
            opened.open()

    def test_what_cannot_be_opened_is_an_error_of_the_system(self) -> None:
        unusable: List[Any] = [
            {"kind": "socket", "address": {"path": self.file}},
            {"kind": "socket", "address": {"host": "no-such-host.invalid", "port": 1}},
            {"kind": "file", "path": f"{self.directory}/missing/log", "mode": None, "maxBytes": 0, "backupName": None},
        ]
        for settings in unusable:
            with self.subTest(settings), self.assertRaises(OSError):
                sink(settings).open()
