from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from typing import Any, Dict, Optional

# What is inherited under another number.
AS_DESCRIPTOR_3 = "import os, sys; os.dup2(int(sys.argv[1]), 3); os.execv(sys.argv[2], sys.argv[2:])"
LOG_WRITER = os.path.join(os.path.dirname(__file__), "../../python/tsuwsgi/logwriter")


class WriterTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        self.pipes: Dict[str, int] = {}
        for name in ("log", "request-log"):
            path = os.path.join(self.directory, name)
            os.mkfifo(path)
            self.pipes[name] = os.open(path, os.O_RDWR)
        self.addCleanup(self.close_pipes)

    def close_pipes(self) -> None:
        for fd in self.pipes.values():
            os.close(fd)
        self.pipes = {}

    def start(self, directory: Optional[str] = None) -> subprocess.Popen[bytes]:
        reports, reports_writer = os.pipe()
        output = os.open(self.path("output"), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        process = subprocess.Popen(
            [
                sys.executable,
                "-I",
                "-S",
                "-c",
                AS_DESCRIPTOR_3,
                str(reports_writer),
                sys.executable,
                "-I",
                "-S",
                LOG_WRITER,
                directory or self.directory,
            ],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            bufsize=0,
            pass_fds=(reports_writer,),
        )
        os.close(output)
        os.close(reports_writer)
        self.reports = os.fdopen(reports, "rb")
        self.addCleanup(self.reports.close)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def path(self, name: str) -> str:
        return os.path.join(self.directory, name)

    def order(self, process: subprocess.Popen[bytes], **order: Any) -> None:
        assert process.stdin is not None
        process.stdin.write(json.dumps(order).encode() + b"\n")

    def begin(self, process: subprocess.Popen[bytes], settings: Dict[str, Any]) -> None:
        self.order(process, type="prepare", settings=settings)
        self.assertEqual(json.loads(self.reports.readline()), {"type": "prepared"})
        self.order(process, type="commit")

    def finish(self, process: subprocess.Popen[bytes]) -> None:
        self.order(process, type="finish")
        self.assertEqual(process.wait(10), 0)

    def to_file(self, name: str, requests: Optional[str] = None) -> Dict[str, Any]:
        return {"log": self.stream(name), "requests": None if requests is None else self.stream(requests)}

    def stream(self, name: str) -> Dict[str, Any]:
        path = name if os.path.isabs(name) else self.path(name)
        sink = {"kind": "file", "path": path, "mode": None, "maxBytes": 0, "backupName": None}
        return {"loggers": [{"written": f"file:{name}", "name": None, "sink": sink}], "routes": [], "encoders": [], "drain": [], "filter": []}

    def read(self, name: str) -> bytes:
        with open(self.path(name), "rb") as file:
            return file.read()

    def wait_for(self, name: str, data: bytes) -> None:
        deadline = time.monotonic() + 10
        while not os.path.exists(self.path(name)) or data not in self.read(name):
            self.assertLess(time.monotonic(), deadline, f"{name} never had {data!r}")
            time.sleep(0.01)

    def test_both_pipes_are_written_to_the_end(self) -> None:
        process = self.start()
        self.begin(process, self.to_file("a", "b"))
        os.write(self.pipes["log"], b"one\nno end")
        os.write(self.pipes["request-log"], b"GET /\n")
        self.finish(process)
        self.assertEqual((self.read("a"), self.read("b")), (b"one\nno end\n", b"GET /\n"))

    def test_lines_of_requests_are_with_the_others_where_nobody_wants_them_apart(self) -> None:
        process = self.start()
        self.begin(process, self.to_file("a"))
        os.write(self.pipes["request-log"], b"GET /\n")
        self.finish(process)
        self.assertEqual(self.read("a"), b"GET /\n")

    def test_a_line_without_an_end_is_written_when_nobody_goes_on_with_it(self) -> None:
        process = self.start()
        self.begin(process, self.to_file("a"))
        os.write(self.pipes["log"], b"password: ")
        self.wait_for("a", b"password: \n")

    def test_where_it_cannot_keep_what_it_takes_it_says_so(self) -> None:
        process = self.start(self.path("missing"))
        path = self.path("missing/log")
        reason = f"the log writer cannot keep lines in {path}: No such file or directory"
        self.assertEqual(json.loads(self.reports.readline()), {"type": "failed", "logger": None, "reason": reason})
        self.assertEqual((process.wait(10), self.read("output")), (1, b""))

    def test_a_logger_that_cannot_be_used_is_told_and_changes_nothing(self) -> None:
        process = self.start()
        self.begin(process, self.to_file("a"))
        self.order(process, type="prepare", settings=self.to_file("/missing/log"))
        told = json.loads(self.reports.readline())
        self.assertEqual(told, {"type": "failed", "logger": "file:/missing/log", "reason": "No such file or directory"})
        os.write(self.pipes["log"], b"one\n")
        self.finish(process)
        self.assertEqual(self.read("a"), b"one\n")

    def test_beside_a_logger_that_cannot_be_used_no_other_one_stays_open(self) -> None:
        process = self.start()
        settings = self.to_file("/missing/log")
        command = {"kind": "pipe", "command": f"cat; echo ended > {self.path('ended')}"}
        settings["log"]["loggers"].insert(0, {"written": "pipe:cat", "name": None, "sink": command})
        self.order(process, type="prepare", settings=settings)
        self.assertEqual(json.loads(self.reports.readline())["type"], "failed")
        self.wait_for("ended", b"ended\n")

    def test_the_next_loggers_take_over_where_the_last_ones_end(self) -> None:
        process = self.start()
        self.begin(process, self.to_file("a"))
        os.write(self.pipes["log"], b"one\n")
        self.begin(process, self.to_file("b"))
        os.write(self.pipes["log"], b"two\n")
        self.finish(process)
        both = (self.read("a") if os.path.exists(self.path("a")) else b"") + self.read("b")
        self.assertEqual(both, b"one\ntwo\n")

    def test_a_successor_writes_what_one_that_was_killed_had_taken(self) -> None:
        process = self.start()
        # A command that reads one byte, and no more yet: what was taken stays with the writer, but for what its pipe holds.
        os.mkfifo(self.path("stuck"))
        stuck = self.to_file("a")
        command = f"cd {self.directory}; dd bs=1 count=1 of=first 2>&-; read line < stuck; cat > got"
        stuck["log"]["loggers"][0]["sink"] = {"kind": "pipe", "command": command}
        self.begin(process, stuck)
        lines = b"".join(b"%d %s\n" % (number, b"x" * 100) for number in range(2000))
        for at in range(0, len(lines), 4096):
            os.write(self.pipes["log"], lines[at : at + 4096])
        self.wait_for("first", b"0")
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        successor = self.start()
        self.order(successor, type="configure", settings=self.to_file("a"))
        self.finish(successor)
        with open(self.path("stuck"), "wb"):
            pass
        self.wait_for("a", b"1999 ")
        self.wait_for("got", b" x")
        written = set((self.read("first") + self.read("got") + b"\n" + self.read("a")).split(b"\n"))
        self.assertEqual(set(lines.split(b"\n")) - written, set())

    def test_it_outlives_the_master_until_the_last_process_is_gone(self) -> None:
        process = self.start()
        self.begin(process, self.to_file("a"))
        worker = os.open(self.path("log"), os.O_WRONLY)
        assert process.stdin is not None
        process.stdin.close()
        self.close_pipes()
        os.write(worker, b"a last word\n")
        os.close(worker)
        self.assertEqual(process.wait(10), 0)
        self.assertEqual(self.read("a"), b"a last word\n")

    def test_files_are_exchanged_and_so_is_the_output(self) -> None:
        process = self.start()
        self.begin(process, self.to_file("a"))
        os.write(self.pipes["log"], b"one\n")
        self.wait_for("a", b"one\n")
        os.rename(self.path("a"), self.path("moved"))
        self.order(process, type="reopen")
        self.wait_for("a", b"")
        os.write(self.pipes["log"], b"two\n")
        plain = self.to_file("a")
        plain["log"]["loggers"] = []
        self.begin(process, plain)
        open(self.path("other"), "w").close()
        self.order(process, type="output", path=self.path("other"))
        self.wait_for("a", b"two\n")
        os.write(self.pipes["log"], b"three\n")
        self.finish(process)
        self.assertEqual((self.read("moved"), self.read("a"), self.read("other")), (b"one\n", b"two\n", b"three\n"))

    def test_what_cannot_be_written_later_is_told_on_a_logger_that_works(self) -> None:
        process = self.start()
        settings = self.to_file("a")
        settings["log"]["loggers"] += self.stream("/dev/full")["loggers"]
        self.begin(process, settings)
        os.write(self.pipes["log"], b"one\n")
        self.wait_for("a", b"the logger file:/dev/full cannot be written: No space left on device; 1 record was lost\n")
        # Within the same minute, and told when it is replaced.
        os.write(self.pipes["log"], b"two\n")
        self.wait_for("a", b"two\n")
        self.begin(process, self.to_file("b"))
        self.finish(process)
        self.assertIn(b"the logger file:/dev/full cannot be written: No space left on device; 1 record was lost\n", self.read("b"))
