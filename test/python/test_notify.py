from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

NOTIFY = os.path.join(os.path.dirname(__file__), "../../python/tsuwsgi/notify.py")


class NotifyTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = os.path.join(directory.name, "notify")
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.listener.settimeout(10)
        self.addCleanup(self.listener.close)

    def start(self, name: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-I", "-S", NOTIFY, name]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def say(self, process: subprocess.Popen[str], text: str) -> None:
        assert process.stdin is not None
        process.stdin.write(json.dumps(text) + "\n")
        process.stdin.flush()

    def test_each_line_is_a_datagram(self) -> None:
        self.listener.bind(self.path)
        process = self.start(self.path)
        for text in ("READY=1\nSTATUS=läuft", "STOPPING=1"):
            self.say(process, text)
            self.assertEqual(self.listener.recv(1000).decode(), text)
        _, errors = process.communicate()
        self.assertEqual((process.returncode, errors), (0, ""))

    def test_a_name_that_begins_with_an_at_sign_is_an_abstract_one(self) -> None:
        name = f"tsuwsgi-test-{os.getpid()}"
        self.listener.bind("\0" + name)
        self.say(self.start("@" + name), "READY=1")
        self.assertEqual(self.listener.recv(1000), b"READY=1")

    def test_what_cannot_be_sent_is_said_and_forgotten(self) -> None:
        process = self.start(self.path)
        self.say(process, "READY=1")
        assert process.stderr is not None
        self.assertIn(f"systemd cannot be told at {self.path}: No such file or directory", process.stderr.readline())
        self.listener.bind(self.path)
        self.say(process, "STATUS=x")
        self.assertEqual(self.listener.recv(1000), b"STATUS=x")

    def test_signals_to_the_whole_service_do_not_end_it(self) -> None:
        self.listener.bind(self.path)
        process = self.start(self.path)
        self.say(process, "READY=1")
        self.listener.recv(1000)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            process.send_signal(number)
        self.say(process, "STOPPING=1")
        self.assertEqual(self.listener.recv(1000), b"STOPPING=1")
