from __future__ import annotations

import io
import os
import subprocess
import sys
import unittest
from typing import Any, Dict, List

from .support import SlotTestCase

from tsuwsgi.body import streamed
from tsuwsgi.config import PostBuffering
from tsuwsgi.postbuffering import BodyCollector

BODY = b"one\ntwo\nthree"


def collect(body: Any, length: bool = True, threshold: int = 8) -> Any:
    """wsgi.input as the application has it, and what collected it."""
    seen: List[Any] = []

    def application(environ: Dict[str, Any], start_response: Any) -> List[bytes]:
        seen.append(environ["wsgi.input"])
        return []

    collector = BodyCollector(PostBuffering(threshold, 4))
    environ = {"wsgi.input": body}
    if length:
        environ["CONTENT_LENGTH"] = str(len(BODY))
    collector.run(application, environ, lambda *_: None)
    return seen[0], collector


def stream(body: bytes = BODY) -> Any:
    source = io.BytesIO(body)
    return streamed(b"", source.readinto, lambda seconds: True)


class BodyCollectorTest(unittest.TestCase):
    def test_every_input_can_be_read_again(self) -> None:
        for length in (True, False):
            for threshold in (1, 8, len(BODY), len(BODY) + 1, 1 << 40 if length else 1 << 20):
                with self.subTest(length=length, threshold=threshold):
                    body, collector = collect(stream(), length, threshold)
                    self.assertEqual(body.readline(), b"one\n")
                    self.assertEqual(body.tell(), 4)
                    body.seek(0)
                    self.assertEqual(body.readline(), b"one\n")
                    self.assertEqual(body.readlines(), [b"two\n", b"three"])
                    body.seek(-5, os.SEEK_END)
                    self.assertEqual(body.read(), b"three")
                    collector.release()

    def test_a_body_below_the_threshold_is_in_memory_and_another_in_a_file_that_is_closed(self) -> None:
        self.assertIs(type(collect(stream(), threshold=len(BODY) + 1)[0]), io.BytesIO)
        body, collector = collect(stream(), threshold=len(BODY))
        self.assertTrue(os.readlink(f"/proc/self/fd/{body.fileno()}").endswith("(deleted)"))
        collector.release()
        collector.release()
        self.assertTrue(body.closed)

    def test_what_is_here_already_stays_where_it_is(self) -> None:
        body = io.BytesIO(BODY)
        self.assertIs(collect(body)[0], body)


class SlotWithPostBufferingTest(SlotTestCase):
    def test_the_file_is_closed_after_the_response_and_not_before(self) -> None:
        inputs = []

        def application(environ: Dict[str, Any], start_response: Any) -> Any:
            inputs.append(environ["wsgi.input"])
            start_response("200 OK", [])
            yield environ["wsgi.input"].read()
            environ["wsgi.input"].seek(4)
            yield environ["wsgi.input"].readline()

        slot = self.start(application, direct=True, postBuffering={"threshold": 100, "blockSize": 8192})
        body = b"0123\n567\n" * 20_000
        answer = slot.ask({"REQUEST_METHOD": "POST", "CONTENT_LENGTH": str(len(body))}, body)
        self.assertEqual(answer.body, body + b"\n")
        slot.ask({"REQUEST_METHOD": "GET"})
        self.assertTrue(inputs[0].closed)


class PrepareTest(unittest.TestCase):
    def test_a_start_does_not_wait_for_what_makes_files_unless_bodies_are_collected(self) -> None:
        for threshold, expected in ((0, "False"), (8, "True")):
            self.assertEqual(_is_tempfile_loaded(threshold), expected, threshold)


def _is_tempfile_loaded(threshold: int) -> str:
    code = f"""
import sys
from tsuwsgi import postbuffering, spawner
from tsuwsgi.config import PostBuffering
postbuffering.prepare(PostBuffering({threshold}, 4))
print("tempfile" in sys.modules)
"""
    runtime = os.path.dirname(os.path.dirname(os.path.abspath(sys.modules[BodyCollector.__module__].__file__ or "")))
    return subprocess.run([sys.executable, "-c", code], cwd=runtime, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
