from __future__ import annotations

import os
import socket
import tempfile
import threading
import unittest
from contextlib import ExitStack
from typing import Any

from .support import HELLO, ProcessTestCase

from tsuwsgi import fork_safety


class WarningTest(unittest.TestCase):
    def setUp(self) -> None:
        self.before = fork_safety.open_descriptors()
        self.stack = ExitStack()
        self.addCleanup(self.stack.close)

    def test_there_is_none_where_nothing_is_dangerous(self) -> None:
        self.listener()
        self.stack.enter_context(tempfile.TemporaryFile())
        for end in socket.socketpair():
            self.stack.enter_context(end)
        self.assertIsNone(fork_safety.warning(self.before))

    def test_names_threads(self) -> None:
        over = threading.Event()
        thread = threading.Thread(target=over.wait, name="metrics")
        thread.start()
        self.stack.callback(thread.join)
        self.stack.callback(over.set)
        self.assertIn("left 1 thread (metrics), which no worker has: ", fork_safety.warning(self.before) or "")

    def test_names_the_peers_of_connections(self) -> None:
        address = self.listener().getsockname()
        path = self.unix_listener()
        self.connect(socket.AF_INET, address)
        self.connect(socket.AF_UNIX, path)
        expected = f"2 connections (127.0.0.1:{address[1]}, {path}), which all workers would share"
        self.assertIn(expected, fork_safety.warning(self.before) or "")

    def test_datagrams_are_no_connection(self) -> None:
        log = self.stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        log.connect(("127.0.0.1", 9))
        self.assertIsNone(fork_safety.warning(self.before))

    def test_what_was_open_before_the_import_is_not_meant(self) -> None:
        self.connect(socket.AF_INET, self.listener().getsockname())
        self.assertIsNone(fork_safety.warning(fork_safety.open_descriptors()))

    def listener(self) -> socket.socket:
        listener = self.stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        return listener

    def unix_listener(self) -> str:
        path = os.path.join(self.stack.enter_context(tempfile.TemporaryDirectory()), "database.sock")
        listener = self.stack.enter_context(socket.socket(socket.AF_UNIX))
        listener.bind(path)
        listener.listen()
        return path

    def connect(self, family: int, address: Any) -> None:
        self.stack.enter_context(socket.socket(family)).connect(address)


class SpawnerTest(ProcessTestCase):
    THREAD = "import threading\nthreading.Thread(target=threading.Event().wait, name='metrics', daemon=True).start()\n"

    def test_warns_once_before_the_workers_are_forked(self) -> None:
        master = self.start({"hello.py": self.THREAD + HELLO})
        master.report("loaded")
        master.start_worker(0, 1)
        master.start_worker(1, 2)
        self.assertEqual(master.log.count("fork safety: importing the application left 1 thread (metrics)"), 1)

    def test_says_nothing_of_an_ordinary_application_nor_with_lazy(self) -> None:
        self.assertEqual(self.log_of(HELLO), "")
        self.assertEqual(self.log_of(self.THREAD + HELLO, lazy=True), "")

    def log_of(self, text: str, **over: Any) -> str:
        master = self.start({"hello.py": text}, **over)
        master.report("loaded")
        return master.log
