from __future__ import annotations

import io
import json
import os
import tempfile
import threading
import unittest
from types import SimpleNamespace
from typing import Any, List
from unittest import mock

from .support import PATIENCE

from tsuwsgi import attribution, running
from tsuwsgi.attribution import AttributedOutput


def request(uri: str = "/x", method: str = "GET", number: int = 1) -> Any:
    return SimpleNamespace(method=method, uri=uri, number=number)


class AttributionTestCase(unittest.TestCase):
    form = "text"

    def setUp(self) -> None:
        self.log = tempfile.TemporaryFile()
        self.addCleanup(self.log.close)
        self.output = AttributedOutput(self.log.fileno(), "stderr", attribution._FORMS[self.form])
        self.stream = io.TextIOWrapper(self.output, "utf-8", newline="\n", write_through=True)
        for patch in (mock.patch.object(AttributedOutput, "worker", 3), mock.patch.object(attribution, "_outputs", [self.output])):
            patch.start()
            self.addCleanup(patch.stop)
        self.addCleanup(running._slots.clear)

    def run_request(self, exchange: Any, core: int = 0) -> Any:
        """This thread is a slot that runs it."""
        slot = SimpleNamespace(core=core, running=(exchange, {}), interruption=SimpleNamespace(shield=lambda function, *rest: function(*rest)))
        running.bind(slot)
        return slot

    @property
    def written(self) -> str:
        size = os.fstat(self.log.fileno()).st_size
        return os.pread(self.log.fileno(), size, 0).decode()

    @property
    def lines(self) -> List[str]:
        return self.written.splitlines()


class TextTest(AttributionTestCase):
    def test_a_line_has_the_request_in_front(self) -> None:
        self.run_request(request("/x?y=1", number=17), core=1)
        print("one", 2, file=self.stream)
        self.assertEqual(self.written, "[worker 3 core 1 GET /x?y=1 #17] one 2\n")

    def test_outside_of_requests_the_worker_and_before_there_is_one_nothing(self) -> None:
        slot = self.run_request(request())
        slot.running = None
        self.stream.write("a\n")
        running.forget()
        self.stream.write("b\n")
        with mock.patch.object(AttributedOutput, "worker", None):
            self.stream.write("c\n")
        self.assertEqual(self.lines, ["[worker 3] a", "[worker 3] b", "c"])

    def test_pieces_are_joined_to_lines_of_each_thread(self) -> None:
        self.run_request(request())
        self.stream.write("mi")
        other = threading.Thread(target=self.stream.write, args=("theirs\nnot en",))
        other.start()
        other.join(PATIENCE)
        self.stream.write("ne\nhalf")
        self.assertEqual(self.lines, ["[worker 3] theirs", "[worker 3 core 0 GET /x #1] mine"])
        attribution.finish_lines(threading.get_ident())
        self.assertEqual(self.lines[2:], ["[worker 3 core 0 GET /x #1] half"])
        attribution.finish_lines()
        self.assertEqual(self.lines[3:], ["[worker 3] not en"])

    def test_what_is_left_at_the_end_of_a_request_is_its_own(self) -> None:
        slot = self.run_request(None)

        def serve(exchange: Any, environ: Any) -> None:
            slot.running = (exchange, environ)
            self.stream.write("no end")
            slot.running = None

        attributed = attribution.attribute(serve)
        with mock.patch.object(attribution, "_numbers", iter((1, 2))):
            attributed(request("/one"), {})
            attributed(request("/two"), {})
        self.assertEqual(self.lines, ["[worker 3 core 0 GET /one #1] no end", "[worker 3 core 0 GET /two #2] no end"])

    def test_a_line_begun_by_another_request_is_ended_first(self) -> None:
        slot = self.run_request(request("/one", number=1))
        self.stream.write("one")
        slot.running = (request("/two", number=2), {})
        self.stream.write("two\n")
        self.assertEqual(self.lines, ["[worker 3 core 0 GET /one #1] one", "[worker 3 core 0 GET /two #2] two"])

    def test_no_line_can_be_forged(self) -> None:
        self.run_request(request("/x #9] y\n\x1b[2J", "GET\r"))
        self.stream.write("a\n[worker 9] b\x1b[31m\x85\u2028c\td\r\n")
        label = "[worker 3 core 0 GET\\r /x\\u0020#9]\\u0020y\\n\\u001b[2J #1] "
        self.assertEqual(self.written.split("\n"), [label + "a", label + "[worker 9] b\\u001b[31m\\u0085\\u2028c\td", ""])

    def test_bytes_that_are_no_text_are_shown_and_long_uris_cut(self) -> None:
        self.run_request(request("/" + "u" * 999))
        self.stream.buffer.write(b"caf\xc3\xa9 \xff\n")
        self.assertEqual(self.lines, [f"[worker 3 core 0 GET /{'u' * 255} #1] café \\u00ff"])

    def test_a_line_without_end_is_cut(self) -> None:
        for _ in range(3):
            self.stream.write("x" * 40000)
        self.assertEqual([len(line) for line in self.lines], [80000 + len("[worker 3] ")])

    def test_harakiri_does_not_cut_it_in_two(self) -> None:
        shielded = []
        slot = self.run_request(request())
        slot.interruption.shield = lambda function, *rest: shielded.append(function) or function(*rest)
        self.stream.write("a\n")
        self.assertEqual(len(shielded), 1)

    def test_a_log_that_cannot_be_written_is_no_error_of_the_application(self) -> None:
        reader, writer = os.pipe()
        os.close(reader)
        self.addCleanup(os.close, writer)
        output = AttributedOutput(writer, "stdout", attribution._FORMS["text"])
        self.assertEqual(output.write(b"a\n"), 2)

    def test_the_stream_looks_like_the_one_that_it_stands_for(self) -> None:
        self.assertEqual((self.stream.fileno(), self.stream.isatty(), self.stream.name), (self.log.fileno(), False, "<stderr>"))


class JsonTest(AttributionTestCase):
    form = "json"

    def test_a_line_is_an_object(self) -> None:
        self.run_request(request("/caf\xc3\xa9\xff", "POST", 2), core=1)
        self.stream.write("caf\u00e9\x1b\x7f\r\n")
        self.assertTrue(self.written.isascii())
        self.assertNotIn("\x7f", self.written)
        (line,) = [json.loads(line) for line in self.lines]
        self.assertRegex(line.pop("time"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        named = {"worker": 3, "core": 1, "request": 2, "method": "POST", "uri": "/café\\u00ff"}
        self.assertEqual(line, {**named, "pid": os.getpid(), "stream": "stderr", "message": "café\x1b\x7f"})

    def test_what_was_written_at_once_stays_together(self) -> None:
        self.stream.write("Traceback:\r\n  File\nValueError\nnext")
        self.stream.write(" line\n")
        self.assertEqual([json.loads(line)["message"] for line in self.lines], ["Traceback:\n  File\nValueError", "next line"])

    def test_outside_of_requests_there_is_none(self) -> None:
        self.stream.write("a\n")
        (line,) = [json.loads(line) for line in self.lines]
        self.assertEqual([line[key] for key in ("worker", "core", "request", "method", "uri")], [3, None, None, None, None])
