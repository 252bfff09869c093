"""Unit tests of api/request.py: the body in pieces, what is sent beside it, and its line in the log."""

from __future__ import annotations

import socket
import threading
from typing import Any, Callable, Dict

from .support import GET, PATIENCE, captured_log, frame, parse_answer, read_answer, receive_all, request_frame, uwsgi_packet
from .test_api import ModuleTestCase

POST = {**GET, "REQUEST_METHOD": "POST", "CONTENT_LENGTH": "8"}
BODY = 2
COMPLETE = 1
# The largest number there can be, which nobody has open.
NO_DESCRIPTOR = (1 << 31) - 1


class PiecesTest(ModuleTestCase):
    """An application that reads `first…second` while the client has sent only the first half, and tells its steps."""

    def serve(self, read: Callable[[Any], Any], **options: Any) -> Any:
        uwsgi = self.install()
        self.has_read, self.may_go_on = threading.Event(), threading.Event()

        def application(environ: Dict[str, Any], start_response: Any) -> Any:
            found = [uwsgi.chunked_read_nb(), self.outcome(lambda: read(uwsgi))]
            self.has_read.set()
            self.may_go_on.wait(PATIENCE)
            found += [uwsgi.chunked_read(5), uwsgi.chunked_read_nb(), uwsgi.chunked_read()]
            start_response("200 OK", [])
            return [repr(found).encode()]

        return self.start(application, **options)

    def outcome(self, act: Callable[[], Any]) -> Any:
        try:
            return act()
        except OSError as error:
            return str(error)

    def both_halves(self, slot: Any, door: str) -> bytes:
        """The client sends its second half when the application has asked for it in vain."""
        if door == "gateway":
            slot.gateway.sendall(request_frame(1, POST, b"1234", flags=0))
            self.assertTrue(self.has_read.wait(PATIENCE))
            slot.gateway.sendall(frame(BODY, 1, b"5678", COMPLETE))
            self.may_go_on.set()
            return read_answer(slot.gateway).body
        with slot.connect() as client:
            client.sendall(uwsgi_packet(POST) + b"1234")
            self.assertTrue(self.has_read.wait(PATIENCE))
            client.sendall(b"5678")
            self.may_go_on.set()
            return parse_answer(receive_all(client)).body

    def test_one_that_is_not_there_is_none_or_an_error_in_time(self) -> None:
        late = "unable to receive chunked part: the client has sent nothing for 1 seconds"
        for door in ("gateway", "direct"):
            with self.subTest(door=door):
                at_once = self.serve(lambda uwsgi: uwsgi.chunked_read_nb(), **{door: True})
                self.assertEqual(self.both_halves(at_once, door), b"[b'1234', None, b'5678', b'', b'']")
                in_time = self.serve(lambda uwsgi: uwsgi.chunked_read(1), **{door: True})
                self.assertEqual(self.both_halves(in_time, door), repr([b"1234", late, b"5678", b"", b""]).encode())

    def test_a_frame_that_is_not_whole_is_not_there_yet(self) -> None:
        slot = self.serve(lambda uwsgi: uwsgi.chunked_read_nb(), gateway=True)
        second = frame(BODY, 1, b"5678", COMPLETE)
        slot.gateway.sendall(request_frame(1, POST, b"1234", flags=0) + second[:14])
        self.assertTrue(self.has_read.wait(PATIENCE))
        slot.gateway.sendall(second[14:])
        self.may_go_on.set()
        self.assertEqual(read_answer(slot.gateway).body, b"[b'1234', None, b'5678', b'', b'']")


class SendTest(ModuleTestCase):
    def serve(self, act: Callable[[Any, Any], Any], **options: Any) -> Any:
        uwsgi = self.install()
        return self.start(lambda environ, start_response: act(uwsgi, start_response), **options)

    def test_without_a_descriptor_it_is_a_piece_of_the_body(self) -> None:
        def act(uwsgi: Any, start_response: Any) -> Any:
            start_response("200 OK", [])
            return [repr([uwsgi.send(b"one,"), uwsgi.send(uwsgi.connection_fd(), b"two,")]).encode()]

        self.assertEqual(self.serve(act, direct=True).ask(GET).body, b"one,two,[True, True]")
        self.assertEqual(self.serve(act, gateway=True).ask_gateway(GET).body, b"one,two,[True, True]")

    def test_the_head_is_left_to_start_response(self) -> None:
        slot = self.serve(lambda uwsgi, start_response: uwsgi.send(b"HTTP/1.0 200 OK\r\n\r\n"), direct=True)
        with captured_log() as log:
            self.assertIn("500", slot.ask(GET).status)
            self.assertIn(r"RuntimeError: uwsgi.send(): a response begins with start_response()", log())

    def test_with_another_descriptor_it_goes_there(self) -> None:
        uwsgi = self.install()
        ours, theirs = socket.socketpair()
        with ours, theirs:
            self.assertIs(uwsgi.send(ours.fileno(), b"hello"), True)
            self.assertEqual(uwsgi.recv(theirs.fileno()), b"hello")
            ours.shutdown(socket.SHUT_WR)
            self.assertIsNone(uwsgi.recv(theirs.fileno(), 10))
        self.assertIsNone(uwsgi.send(NO_DESCRIPTOR, b"nobody"))
        for wrong in ((1, "text"), ("text",), ("fd", b"x")):
            with self.assertRaises(TypeError):
                uwsgi.send(*wrong)


class LogThisRequestTest(ModuleTestCase):
    def test_a_line_is_written_where_requests_have_none(self) -> None:
        uwsgi = self.install()

        def application(environ: Dict[str, Any], start_response: Any) -> Any:
            start_response("200 OK", [])
            if environ["PATH_INFO"] == "/told":
                uwsgi.log_this_request()
            return []

        with captured_log() as log:
            slot = self.start(application, direct=True)
            for path in ("/silent", "/told", "/silent"):
                slot.ask({**GET, "REQUEST_URI": path, "PATH_INFO": path})
            slot.lifetime.leave()
            slot.thread.join(PATIENCE)
            self.assertIn(" GET /told => ", log())
            self.assertNotIn("/silent", log())
