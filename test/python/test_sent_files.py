from __future__ import annotations

import os
import tempfile
import unittest
from pathlib import Path
from typing import Any

from .support import GET, SlotTestCase, captured_log

from tsuwsgi.sent_files import SentFiles


class SentFilesTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(os.path.realpath(directory.name))
        (self.root / "files").mkdir()
        (self.root / "files" / "a.bin").write_bytes(b"hello")
        (self.root / "files-old").mkdir()
        (self.root / "files-old" / "b.bin").write_bytes(b"old")
        (self.root / "files" / "out").symlink_to(self.root / "files-old" / "b.bin")
        (self.root / "files" / "in").symlink_to("a.bin")
        os.mkfifo(self.root / "files" / "pipe")
        self.files = SentFiles([str(self.root / "files")])

    def take(self, name: str) -> Any:
        return self.files.take([("Content-Type", "x/y"), ("x-SendFile", f"{self.root}/{name}"), ("content-length", "0")])

    def test_a_file_is_opened_and_its_length_takes_the_place_of_the_body_s(self) -> None:
        for name in ("files/a.bin", "files/in", "files/../files/a.bin"):
            file, headers = self.take(name)
            self.assertEqual((file.read(), headers), (b"hello", [("Content-Type", "x/y"), ("Content-Length", "5")]))
            file.close()

    def test_what_is_elsewhere_or_no_file_is_refused(self) -> None:
        for name in ("files/out", "files-old/b.bin", "files/../files-old/b.bin", "files/nothing", "files/pipe", "files", ""):
            with self.assertRaisesRegex(ValueError, "X-Sendfile"):
                self.take(name)

    def test_without_the_header_nothing_changes(self) -> None:
        headers = [("X-Send", "/a"), ("Content-Length", "3")]
        self.assertEqual(self.files.take(headers), (None, headers))


class XSendfileTest(SlotTestCase):
    def setUp(self) -> None:
        super().setUp()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name) / "a.bin"
        self.path.write_bytes(b"from the file")
        self.results: Any = {
            "/list": lambda environ: [b"a body", b" of its own"],
            "/generator": lambda environ: (piece for piece in (b"a body", b" of its own")),
            "/wrapped": lambda environ: environ["wsgi.file_wrapper"](open(__file__, "rb")),
            "/nothing": lambda environ: [],
        }

    def application(self, environ: Any, start_response: Any) -> Any:
        write = start_response("200 OK", [("X-Sendfile", str(self.path)), ("Content-Length", "99")])
        if environ["PATH_INFO"] == "/write":
            write(b"a body")
            return []
        return self.results[environ["PATH_INFO"]](environ)

    def test_the_file_goes_out_whatever_the_body_was_at_both_doors(self) -> None:
        slot = self.start(self.application, gateway=True, direct=True, sentFolders=[str(self.path.parent)])
        with captured_log() as log:
            for number, path in enumerate(["/list", "/generator", "/wrapped", "/nothing", "/write"], 1):
                environ = {**GET, "PATH_INFO": path}
                answer = slot.ask_gateway(environ, b"", number)
                self.assertEqual((answer.body, answer.length, answer.head), (b"from the file", 13, b"200 OK\r\nContent-Length: 13\r\n"), path)
                self.assertEqual(slot.ask(environ).body, b"from the file", path)
            self.assertNotIn("longer than", log())

    def test_a_head_brings_none_of_it(self) -> None:
        slot = self.start(self.application, direct=True, sentFolders=[str(self.path.parent)])
        answer = slot.ask({**GET, "REQUEST_METHOD": "HEAD", "PATH_INFO": "/list"})
        self.assertEqual((answer.headers, answer.body), (["Content-Length: 13"], b""))

    def test_a_file_elsewhere_is_an_error_that_the_log_names(self) -> None:
        slot = self.start(self.application, gateway=True, sentFolders=["/nothing"])
        with captured_log() as log:
            self.assertEqual(slot.ask_gateway({**GET, "PATH_INFO": "/list"}).status, 500)
            self.assertIn("is below no folder of x-sendfile", log())

    def test_without_the_option_the_header_is_the_application_s_own(self) -> None:
        slot = self.start(self.application, gateway=True)
        answer = slot.ask_gateway({**GET, "PATH_INFO": "/nothing"})
        self.assertIn(b"X-Sendfile: ", answer.head)
