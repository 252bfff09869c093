from __future__ import annotations

import os
import tempfile
import unittest
from typing import Any, Dict, Optional
from unittest import mock

from .support import ROOT  # noqa: F401  finds the runtime

from tsuwsgi.logwriter.stream import Stream


class StreamTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def logger(self, file: str, name: Optional[str] = None) -> Dict[str, Any]:
        path = os.path.join(self.directory, file)
        sink = {"kind": "file", "path": path, "mode": None, "maxBytes": 0, "backupName": None}
        return {"written": f"file:{path}", "name": name, "sink": sink}

    def write(self, data: bytes, *loggers: Dict[str, Any], **settings: Any) -> Dict[str, bytes]:
        """What is in the files afterwards."""
        stream = Stream({"loggers": loggers, "routes": [], "encoders": [], "drain": [], "filter": [], **settings})
        stream.write(data)
        for outlet in stream.outlets:
            outlet.sink.close()
        found = {}
        for name in os.listdir(self.directory):
            with open(os.path.join(self.directory, name), "rb") as file:
                found[name] = file.read()
        return found

    def test_every_logger_without_a_name_gets_every_line(self) -> None:
        found = self.write(b"one\ntwo\rhalf\n", self.logger("a"), self.logger("b"), self.logger("c", "never"))
        self.assertEqual(found, {"a": b"one\ntwo\rhalf\n", "b": b"one\ntwo\rhalf\n"})

    def test_a_line_goes_by_every_route_that_matches_and_otherwise_to_those_without_a_name(self) -> None:
        routes = [{"logger": "gets", "expression": "GET"}, {"logger": "slow", "expression": r"in \d{4,} msecs"}]
        found = self.write(
            b"GET / in 2 msecs\nGET /x in 2000 msecs\nhello\n",
            self.logger("gets", "gets"),
            self.logger("slow", "slow"),
            self.logger("rest"),
            routes=routes,
        )
        self.assertEqual(found, {"gets": b"GET / in 2 msecs\nGET /x in 2000 msecs\n", "slow": b"GET /x in 2000 msecs\n", "rest": b"hello\n"})

    def test_drained_lines_are_left_out_and_only_those_remain_that_the_filter_wants(self) -> None:
        found = self.write(b"GET /\nGET /two\nspawned\nhello\n", self.logger("a"), drain=["/two"], filter=["GET", "spawned"])
        self.assertEqual(found, {"a": b"GET /\nspawned\n"})

    def test_a_logger_that_takes_nothing_does_not_keep_lines_from_the_others(self) -> None:
        stuck = {"written": "pipe:sleep", "name": None, "sink": {"kind": "pipe", "command": "exec sleep 100"}}
        stream = Stream({"loggers": [stuck, self.logger("a")], "routes": [], "encoders": [], "drain": [], "filter": []})
        lines = b"".join(b"%0999d\n" % number for number in range(100))
        with mock.patch("tsuwsgi.logwriter.outlet.PATIENCE_SECONDS", 0.01):
            stream.write(lines)
            stream.write(b"last\n")
        command, file = (outlet.sink for outlet in stream.outlets)
        command._process.kill()
        for sink in (command, file):
            sink.close()
        with open(os.path.join(self.directory, "a"), "rb") as found:
            self.assertEqual(found.read(), lines + b"last\n")

    def test_encoders_are_for_all_loggers_or_for_those_of_a_name(self) -> None:
        encoders = [{"kind": "prefix", "argument": "P-", "logger": "a"}, {"kind": "prefix", "argument": "Q-", "logger": None}]
        found = self.write(
            b"GET\nhello\n",
            self.logger("a", "a"),
            self.logger("b"),
            encoders=encoders,
            routes=[{"logger": "a", "expression": "GET"}],
        )
        self.assertEqual(found, {"a": b"Q-P-GET\n", "b": b"Q-hello\n"})

    def test_an_expression_that_is_none_is_told_with_its_option(self) -> None:
        with self.assertRaisesRegex(ValueError, r'log-drain: "\(\?<a>x\)" is no regular expression of Python'):
            self.write(b"", self.logger("a"), drain=["(?<a>x)"])
