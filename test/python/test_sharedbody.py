from __future__ import annotations

import os
import struct
import tempfile
import threading
import unittest
from typing import Any, Iterator, List

from .support import GET, PATIENCE, SlotTestCase, SlotUnderTest, captured_log, read_answer, read_frame, request_frame

from tsuwsgi.sharedbody import SharedBody
from tsuwsgi.wsgi import ClientGone

POST = {**GET, "REQUEST_METHOD": "POST"}
WHOLE, SHARED = 1, 16
END, PARTED = 19, 4
CAPACITY = 1 << 20


def put(directory: str, name: str, body: bytes) -> bytes:
    """Puts a body where the gateway does; returns what it tells of it."""
    with open(os.path.join(directory, name), "wb") as file:
        file.write(body)
        file.truncate(CAPACITY)
    return struct.pack("<I", len(body)) + name.encode()


def summary(environ: Any, start_response: Any) -> List[bytes]:
    body = environ["wsgi.input"].read()
    start_response("200 OK", [])
    return [b"%d %s" % (len(body), body[-5:])]


class LateReader:
    """An application whose answer reads the rest of the request's body when it is closed: the gateway has heard the end by then."""

    def __init__(self, begun: int) -> None:
        self.begun = begun
        self.found = b""
        self.is_known = threading.Event()
        self.is_over = threading.Event()

    def __call__(self, environ: Any, start_response: Any) -> LateReader:
        self.input = environ["wsgi.input"]
        start_response("200 OK", [])
        return self

    def __iter__(self) -> Iterator[bytes]:
        self.found = self.input.read(self.begun)
        yield b"ok"

    def close(self) -> None:
        self.is_known.wait(PATIENCE)
        self.found += self.input.read()
        self.is_over.set()


class SharedBodyTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = directory.name

    def body(self, content: bytes, name: str = "1-1") -> SharedBody:
        put(self.path, name, content)
        return SharedBody(os.path.join(self.path, name), len(content))

    def test_is_read_in_pieces_up_to_its_end(self) -> None:
        body = self.body(b"hello world")
        buffer = bytearray(8)
        self.assertEqual((body.read_into(buffer), bytes(buffer)), (8, b"hello wo"))
        self.assertEqual((body.read_into(buffer), bytes(buffer[:3])), (3, b"rld"))
        self.assertEqual(body.read_into(buffer), 0)

    def test_is_open_until_it_is_answered(self) -> None:
        for begun in (0, 5):
            with self.subTest(begun=begun):
                before = set(os.listdir("/proc/self/fd"))
                body = self.body(b"hello")
                body.read_into(bytearray(begun))
                self.assertEqual(len(set(os.listdir("/proc/self/fd")) - before), 1)
                body.answer()
                self.assertEqual(set(os.listdir("/proc/self/fd")), before)
                body.leave()

    def test_that_is_over_cannot_be_read(self) -> None:
        body = self.body(b"hello")
        body.read_into(bytearray(2))
        body.leave()
        with self.assertRaises(ClientGone):
            body.read_into(bytearray(2))
        unread = self.body(b"hello")
        unread.leave()
        with self.assertRaises(ClientGone):
            unread.read_into(bytearray(2))


class SlotWithSharedBodiesTest(SlotTestCase):
    def begin(self, application: Any, **options: Any) -> SlotUnderTest:
        slot = self.start(application, gateway=True, **options)
        self.folder = os.path.join(slot.directory.name, "bodies")
        os.mkdir(self.folder)
        return slot

    def send(self, slot: SlotUnderTest, request_id: int, reference: bytes) -> None:
        slot.gateway.sendall(request_frame(request_id, POST, reference, WHOLE | SHARED))

    def test_reads_one_body_after_another_in_the_same_file(self) -> None:
        slot = self.begin(summary)
        for request_id, body in enumerate((b"a" * 300000, b"b" * 900000, b"c" * 200000), 1):
            self.send(slot, request_id, put(self.folder, "1-1", body))
            self.assertEqual(read_answer(slot.gateway).body, b"%d %s" % (len(body), body[-5:]))

    def test_a_body_can_be_collected(self) -> None:
        for threshold in (100000, 500000):
            with self.subTest(threshold=threshold):

                def application(environ: Any, start_response: Any) -> List[bytes]:
                    environ["wsgi.input"].seek(299999)
                    return summary(environ, start_response)

                slot = self.begin(application, postBuffering={"threshold": threshold, "blockSize": 8192})
                self.send(slot, 1, put(self.folder, "1-1", b"a" * 300000))
                self.assertEqual(read_answer(slot.gateway).body, b"1 a")

    def test_an_answer_of_known_length_does_not_end_while_the_body_may_be_read(self) -> None:
        go_on = threading.Event()

        def application(environ: Any, start_response: Any) -> Any:
            start_response("200 OK", [("Content-Length", "2")])
            yield b"ok"
            go_on.wait(PATIENCE)
            found.append(environ["wsgi.input"].read())

        found: List[bytes] = []
        slot = self.begin(application)
        self.send(slot, 1, put(self.folder, "1-1", b"a" * 200000))
        self.assertEqual(read_frame(slot.gateway).flags, 0)
        go_on.set()
        self.assertEqual(read_frame(slot.gateway).kind, END)
        self.assertEqual(found, [b"a" * 200000])

    def test_when_the_gateway_hears_of_the_end_nothing_reads_its_memory(self) -> None:
        kept: List[Any] = []

        def application(environ: Any, start_response: Any) -> Any:
            kept.append(environ["wsgi.input"])
            kept[-1].read(70000)
            start_response("200 OK", [])
            way = environ["PATH_INFO"]
            if way == "/raise":
                raise ValueError("no")
            if way == "/pieces":
                return iter([b"a", b"b"])
            return [b"a"]

        slot = self.begin(application)
        for request_id, path in enumerate(("/one", "/pieces", "/raise"), 1):
            with self.subTest(path=path), captured_log():
                reference = put(self.folder, "1-1", b"a" * 200000)
                slot.gateway.sendall(request_frame(request_id, {**POST, "PATH_INFO": path}, reference, WHOLE | SHARED))
                read_answer(slot.gateway)
                put(self.folder, "1-1", b"b" * 200000)
                try:
                    self.assertEqual(kept[-1].read(), b"a" * 130000)
                except ClientGone:
                    pass  # the request is over by now

    def test_what_nobody_has_read_can_be_read_until_the_request_is_over(self) -> None:
        for begun in (0, 70000, 200000):
            with self.subTest(begun=begun):
                answer = LateReader(begun)
                slot = self.begin(answer)
                self.send(slot, 1, put(self.folder, "1-1", b"a" * 200000))
                read_answer(slot.gateway)
                put(self.folder, "1-1", b"b" * 200000)
                answer.is_known.set()
                self.assertTrue(answer.is_over.wait(PATIENCE))
                self.assertEqual(answer.found, b"a" * 200000)

    def test_a_body_that_is_not_there_is_an_error_of_its_request_only(self) -> None:
        slot = self.begin(summary)
        with captured_log() as log:
            self.send(slot, 1, struct.pack("<I", 5) + b"1-1")
            self.assertEqual(read_answer(slot.gateway).status, 500)
            self.assertIn("FileNotFoundError", log())
        self.send(slot, 2, put(self.folder, "1-1", b"a" * 200000))
        self.assertEqual(read_answer(slot.gateway).body, b"200000 aaaaa")
