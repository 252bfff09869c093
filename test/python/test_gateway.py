from __future__ import annotations

import json
import os
import struct
import tempfile
import threading
from typing import Any, Callable, List, Tuple
from unittest import mock

from .support import GET, PATIENCE, SlotTestCase, accepted, captured_log, frame, listening, read_answer, read_frame, request_frame, uwsgi_packet

POST = {**GET, "REQUEST_METHOD": "POST"}
REQUEST, BODY, CANCEL, VERDICT, MOVE = 1, 2, 3, 4, 5
WHOLE, CALM = 1, 32
SPARED = 16
RESPONSE, FILE, RETURNED = 17, 21, 22
LARGE = 400000


def hello(environ: Any, start_response: Any) -> Any:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello ", environ["PATH_INFO"].encode("latin-1")]


def echo(environ: Any, start_response: Any) -> Any:
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


def sender_of(name: str, closed: Callable[[], None] = lambda: None) -> Any:
    def application(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [])
        if environ["PATH_INFO"] == "/other":
            return [b"other"]
        file = open(name, "rb")
        file.seek(10)
        wrapped = environ["wsgi.file_wrapper"](file)

        def close() -> None:
            file.close()
            closed()

        wrapped.close = close
        return wrapped

    return application


class FullSocket:
    """The gateway does not read."""

    def send(self, data: bytes, flags: int) -> int:
        raise BlockingIOError


class GatewayDoorTest(SlotTestCase):
    def test_says_who_it_is_first(self) -> None:
        hello_frame = self.start(hello, gateway=True).hello
        self.assertEqual(hello_frame.kind, 16)
        self.assertEqual(json.loads(hello_frame.payload), {"site": "", "generation": 1, "seat": 0, "worker": 1, "core": 0, "pid": os.getpid()})

    def test_goes_to_another_gateway_when_it_is_told_to_and_answers_first(self) -> None:
        for direct in (False, True):
            with self.subTest(direct=direct), tempfile.TemporaryDirectory() as directory:
                path = os.path.join(directory, "other.sock")
                listener = listening(path)
                self.addCleanup(listener.close)
                slot = self.start(hello, direct=direct, gateway=True, other_gateways=[path])
                slot.gateway.sendall(request_frame(7, GET) + frame(MOVE, 0, extra=2))
                self.assertEqual(read_answer(slot.gateway).body, b"hello /x")
                self.assertEqual(slot.gateway.recv(1), b"", "it has left")
                other = accepted(listener)
                self.addCleanup(other.close)
                self.assertEqual(read_frame(other).payload, slot.hello.payload)
                other.sendall(request_frame(8, GET))
                self.assertEqual(read_answer(other).body, b"hello /x")

    def test_a_small_answer_is_one_frame(self) -> None:
        answer = self.start(hello, gateway=True).ask_gateway(GET)
        self.assertEqual(answer, (200, -1, b"200 OK\r\nContent-Type: text/plain\r\n", b"hello /x", False, 1))

    def test_the_declared_length_is_told(self) -> None:
        self.assertEqual(self.start(echo, gateway=True).ask_gateway(POST, b"four").length, 4)

    def test_early_hints_go_before_the_answer_where_the_client_takes_them(self) -> None:
        def application(environ: Any, start_response: Any) -> Any:
            environ["wsgi.early_hints"]([("Link", "</a.css>; rel=preload"), ("Connection", "close")])
            answer = hello(environ, start_response)
            environ["wsgi.early_hints"]([("Link", "</b.css>")])
            return answer

        slot = self.start(application, gateway=True)
        slot.gateway.sendall(request_frame(7, GET, flags=1 | 4))
        frame = read_frame(slot.gateway)
        self.assertEqual((frame.kind, frame.request_id, bytes(frame.payload)), (20, 7, b"Link: </a.css>; rel=preload\r\n"))
        # The head has not left yet, so the second goes as well.
        self.assertEqual(read_frame(slot.gateway).kind, 20)
        self.assertEqual(read_answer(slot.gateway).body, b"hello /x")

    def test_there_are_no_early_hints_for_a_client_that_does_not_take_them(self) -> None:
        def application(environ: Any, start_response: Any) -> Any:
            start_response("200 OK", [])
            return [repr("wsgi.early_hints" in environ).encode()]

        self.assertEqual(self.start(application, gateway=True).ask_gateway(GET).body, b"False")

    def test_an_early_hint_cannot_break_its_line(self) -> None:
        def application(environ: Any, start_response: Any) -> Any:
            environ["wsgi.early_hints"]([("Link", "</a.css>\r\nX: y")])

        slot = self.start(application, gateway=True)
        with captured_log() as log:
            slot.gateway.sendall(request_frame(7, GET, flags=1 | 4))
            self.assertEqual(read_answer(slot.gateway).status, 500)
            self.assertIn("line break", log())

    def test_what_waits_behind_a_request_is_given_back_and_not_run(self) -> None:
        self.check_giving_back(direct=False)

    def test_the_same_in_a_slot_with_direct_doors(self) -> None:
        self.check_giving_back(direct=True)

    def check_giving_back(self, direct: bool) -> None:
        seen: List[str] = []
        began, gate = threading.Event(), threading.Event()

        def application(environ: Any, start_response: Any) -> Any:
            seen.append(environ["PATH_INFO"])
            began.set()
            gate.wait(PATIENCE)
            return hello(environ, start_response)

        slot = self.start(application, direct=direct, gateway=True)
        long, later, last = (request_frame(number, {**GET, "PATH_INFO": f"/{number}"}) for number in (7, 8, 9))
        slot.gateway.sendall(long + later)
        self.assertTrue(began.wait(PATIENCE))
        slot.gateway.sendall(frame(CANCEL, 8) + last)
        slot.slot.hand_back()
        self.assertEqual(read_frame(slot.gateway), (0, RETURNED, 0, 0, struct.pack("<2I", 8, 9)))
        slot.slot.hand_back()
        gate.set()
        self.assertEqual(read_answer(slot.gateway).body, b"hello /7", "and nothing more was given back")
        self.assertEqual(slot.ask_gateway({**GET, "PATH_INFO": "/10"}, request_id=10).body, b"hello /10")
        self.assertEqual(seen, ["/7", "/10"])

    def test_nothing_is_given_back_while_the_application_does_not_run(self) -> None:
        slot = self.start(hello, gateway=True)
        slot.slot.hand_back()
        self.assertEqual(slot.ask_gateway(GET).body, b"hello /x")
        self.start(hello, direct=True).slot.hand_back()

    def test_what_cannot_be_given_back_is_run(self) -> None:
        began, gate = threading.Event(), threading.Event()

        def application(environ: Any, start_response: Any) -> Any:
            began.set()
            gate.wait(PATIENCE)
            return hello(environ, start_response)

        slot = self.start(application, gateway=True)
        slot.gateway.sendall(request_frame(7, GET) + request_frame(8, GET))
        self.assertTrue(began.wait(PATIENCE))
        with mock.patch.object(slot.slot._gateway, "_connection", FullSocket()):
            slot.slot.hand_back()
        gate.set()
        self.assertEqual([read_answer(slot.gateway).body for _ in range(2)], [b"hello /x"] * 2)

    def test_a_large_file_is_offered_and_free_once_it_is_taken(self) -> None:
        file = self.large_file()
        slot = self.start(sender_of(file.name), gateway=True)
        slot.gateway.sendall(request_frame(1, GET) + request_frame(2, {**GET, "PATH_INFO": "/other"}))
        self.assertEqual(read_frame(slot.gateway).kind, RESPONSE)
        offer = read_frame(slot.gateway)
        position, size, device, inode = struct.unpack_from("<QQQQ", offer.payload)
        found = os.stat(file.name)
        self.assertEqual((offer.kind, offer.payload[32:]), (FILE, file.name.encode()))
        self.assertEqual((position, size, device, inode), (10, LARGE - 10, found.st_dev, found.st_ino))
        slot.gateway.sendall(frame(VERDICT, 1, flags=1))
        end = read_frame(slot.gateway)
        self.assertEqual((end.kind, end.request_id, end.flags), (19, 1, 8))
        self.assertEqual(read_answer(slot.gateway).body, b"other")

    def test_a_file_that_nobody_takes_is_sent(self) -> None:
        slot = self.start(sender_of(self.large_file().name), gateway=True)
        slot.gateway.sendall(request_frame(1, GET))
        self.assertEqual((read_frame(slot.gateway).kind, read_frame(slot.gateway).kind), (RESPONSE, FILE))
        slot.gateway.sendall(frame(VERDICT, 1))
        sent = 0
        while True:
            more = read_frame(slot.gateway)
            if more.kind != 18:
                break
            sent += len(more.payload)
        self.assertEqual((more.kind, more.flags, sent), (19, 0, LARGE - 10))

    def test_a_small_file_is_sent_without_asking(self) -> None:
        slot = self.start(sender_of(self.large_file(1000).name), gateway=True)
        self.assertEqual(len(slot.ask_gateway(GET).body), 990)

    def test_a_gateway_that_goes_before_its_verdict_costs_the_request_alone(self) -> None:
        closed = threading.Event()
        slot = self.start(sender_of(self.large_file().name, closed.set), gateway=True)
        slot.gateway.sendall(request_frame(1, GET))
        self.assertEqual((read_frame(slot.gateway).kind, read_frame(slot.gateway).kind), (RESPONSE, FILE))
        with captured_log() as log:
            slot.gateway.close()
            self.assertTrue(closed.wait(PATIENCE), "the application closes its file")
            self.assertIn("the gateway is gone", log())

    def large_file(self, size: int = LARGE) -> Any:
        file = tempfile.NamedTemporaryFile()
        self.addCleanup(file.close)
        file.write(b"x" * size)
        file.flush()
        return file

    def test_requests_sent_ahead_run_in_order(self) -> None:
        slot = self.start(hello, gateway=True)
        slot.gateway.sendall(b"".join(request_frame(number, {**GET, "PATH_INFO": f"/{number}"}) for number in range(1, 17)))
        for number in range(1, 17):
            self.assertEqual(read_answer(slot.gateway).body, b"hello /%d" % number)

    def test_a_body_in_frames_is_streamed(self) -> None:
        slot = self.start(echo, gateway=True)
        slot.gateway.sendall(request_frame(1, POST, b"one ", flags=0) + frame(BODY, 1, b"two ") + frame(BODY, 1, b"three", flags=1))
        self.assertEqual(read_answer(slot.gateway).body, b"one two three")
        self.assertEqual(slot.ask_gateway(POST, b"next", 2).body, b"next")

    def test_a_body_in_one_large_frame_is_read_in_any_pieces(self) -> None:
        whole = bytes(range(256)) * 4000

        def application(environ: Any, start_response: Any) -> Any:
            stream = environ["wsgi.input"]
            found = stream.readline() + stream.read(100) + stream.read(65536) + stream.read(200000) + stream.read1(10) + stream.read()
            start_response("200 OK", [])
            return [b"the same" if found == b"begun " + whole and not stream.read(1) else b"another"]

        slot = self.start(application, gateway=True)
        slot.gateway.sendall(request_frame(1, POST, b"begun ", flags=0) + frame(BODY, 1, whole, flags=1))
        self.assertEqual(read_answer(slot.gateway).body, b"the same")

    def test_a_body_of_unknown_length_is_marked(self) -> None:
        seen: List[Any] = []

        def application(environ: Any, start_response: Any) -> Any:
            seen.append(environ.get("wsgi.input_terminated"))
            return echo(environ, start_response)

        slot = self.start(application, gateway=True)
        slot.gateway.sendall(request_frame(1, POST, b"", flags=2) + frame(BODY, 1, b"x" * 100000) + frame(BODY, 1, b"", flags=1))
        self.assertEqual(len(read_answer(slot.gateway).body), 100000)
        slot.ask_gateway(POST, b"", 2)
        self.assertEqual(seen, [True, None])

    def test_a_body_that_nobody_read_is_skipped(self) -> None:
        slot = self.start(hello, gateway=True)
        slot.gateway.sendall(request_frame(1, POST, b"one", flags=0) + frame(BODY, 1, b"two") + frame(BODY, 1, b"", flags=1))
        self.assertEqual(read_answer(slot.gateway).body, b"hello /x")
        self.assertEqual(slot.ask_gateway(GET, b"", 2).body, b"hello /x")

    def test_an_input_kept_beyond_its_request_reads_nothing_of_the_next(self) -> None:
        kept: List[Any] = []

        def application(environ: Any, start_response: Any) -> Any:
            kept.append(environ["wsgi.input"])
            if len(kept) == 2:
                try:
                    kept[0].read()
                except OSError as error:
                    start_response("200 OK", [])
                    return [str(error).encode()]
            return hello(environ, start_response)

        slot = self.start(application, gateway=True)
        slot.gateway.sendall(request_frame(1, POST, b"", flags=0))
        read_answer(slot.gateway)
        self.assertIn(b"this request has ended", slot.ask_gateway(GET, b"", 2).body)

    def test_what_was_not_read_of_an_input_cannot_be_read_later(self) -> None:
        kept: List[Any] = []
        found: List[bytes] = []

        def application(environ: Any, start_response: Any) -> Any:
            kept.append(environ["wsgi.input"])
            if len(kept) == 1:
                found.append(kept[0].raw.read(10))
                return hello(environ, start_response)
            try:
                kept[0].raw.read(10)
            except OSError as error:
                found.append(str(error).encode())
            start_response("200 OK", [])
            return [environ["wsgi.input"].read()]

        slot = self.start(application, gateway=True)
        slot.gateway.sendall(request_frame(1, POST, b"", flags=0) + frame(BODY, 1, b"first" * 40000, flags=1))
        read_answer(slot.gateway)
        slot.gateway.sendall(request_frame(2, POST, b"", flags=0) + frame(BODY, 2, b"second", flags=1))
        self.assertEqual(read_answer(slot.gateway).body, b"second")
        self.assertEqual(found[0], b"firstfirst")
        self.assertIn(b"this request has ended", found[1])

    def test_a_cancel_in_the_body_is_an_error_for_the_application(self) -> None:
        slot = self.start(echo, gateway=True)
        with captured_log() as log:
            slot.gateway.sendall(request_frame(1, POST, b"one", flags=0) + frame(CANCEL, 1))
            self.assertTrue(read_answer(slot.gateway).is_aborted)
            self.assertEqual(slot.ask_gateway(POST, b"on", 2).body, b"on")
            self.assertIn("the client left before its body was complete", log())

    def test_a_cancel_between_two_chunks_closes_the_iterable(self) -> None:
        go_on, closed = threading.Event(), threading.Event()

        class Chunks:
            def __iter__(self) -> Any:
                yield b"first"
                go_on.wait(10)
                for _ in range(5):
                    yield b"more"

            def close(self) -> None:
                closed.set()

        slot = self.start(lambda environ, start: start("200 OK", []) and Chunks(), gateway=True)
        with captured_log():
            slot.gateway.sendall(request_frame(1, GET))
            self.assertTrue(read_frame(slot.gateway).payload.endswith(b"first"))
            slot.gateway.sendall(frame(CANCEL, 1) + request_frame(2, GET))
            go_on.set()
            last = read_frame(slot.gateway)
            self.assertEqual((last.request_id, last.kind, last.flags), (1, 19, 2))
            self.assertTrue(closed.wait(10))
            self.assertEqual(read_frame(slot.gateway).request_id, 2)

    def test_a_large_body_leaves_in_pieces(self) -> None:
        body = os.urandom(500_000)
        answer = self.start(lambda environ, start: start("200 OK", []) and [body], gateway=True).ask_gateway(GET)
        self.assertEqual((answer.body, answer.frames), (body, 5))

    def test_a_file_leaves_in_pieces(self) -> None:
        data = os.urandom(300_000)
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()

            def application(environ: Any, start_response: Any) -> Any:
                start_response("200 OK", [("Content-Length", "200000")])
                return environ["wsgi.file_wrapper"](open(file.name, "rb"))

            answer = self.start(application, gateway=True).ask_gateway(GET)
        self.assertEqual((answer.body, answer.length, answer.is_aborted), (data[:200000], 200000, False))

    def test_an_error_midway_is_told_as_aborted(self) -> None:
        def application(environ: Any, start_response: Any) -> Any:
            start_response("200 OK", [])
            yield b"begun"
            raise ValueError("midway")

        with captured_log() as log:
            answer = self.start(application, gateway=True).ask_gateway(GET)
            self.assertEqual((answer.body, answer.is_aborted), (b"begun", True))
            self.assertIn("ValueError: midway", log())

    def test_an_error_before_the_head_is_a_whole_error_page(self) -> None:
        def application(environ: Any, start_response: Any) -> Any:
            raise ValueError("at once")

        with captured_log():
            answer = self.start(application, gateway=True).ask_gateway(GET)
        self.assertEqual((answer.status, answer.body, answer.is_aborted), (500, b"Internal Server Error", False))

    def test_a_gateway_that_comes_back_is_found_again(self) -> None:
        slot = self.start(hello, gateway=True)
        slot.gateway.close()
        slot.gateway = accepted(slot.gateway_listener)
        self.assertEqual(read_frame(slot.gateway).kind, 16)
        self.assertEqual(slot.ask_gateway(GET).body, b"hello /x")

    def test_looks_for_the_next_request_where_a_processor_was_free_for_the_last(self) -> None:
        looks, ask = self.count_looks()
        ask(0)
        ask(0)
        self.assertEqual(looks, [])
        ask(CALM)
        ask(0)
        self.assertNotEqual(looks, [])

    def test_does_not_look_for_a_while_where_that_was_in_vain(self) -> None:
        looks, ask = self.count_looks()
        with mock.patch("tsuwsgi.gateway._LOOKING_NS", 0):
            ask(CALM)
            ask(CALM)
        # It waited twice by now.
        for _ in range(SPARED - 1):
            ask(CALM)
        self.assertEqual(looks, [])
        ask(CALM)
        ask(CALM)
        self.assertNotEqual(looks, [])

    def count_looks(self) -> Tuple[List[int], Callable[[int], None]]:
        """The looks of a slot, and what asks it with these flags; when it answers it has waited after the request before."""
        slot = self.start(hello, gateway=True)
        looks: List[int] = []
        patched = mock.patch("os.sched_yield", lambda: looks.append(1))
        patched.start()
        self.addCleanup(patched.stop)

        def ask(flags: int) -> None:
            slot.gateway.sendall(request_frame(1, GET, b"", WHOLE | flags))
            read_answer(slot.gateway)

        return looks, ask

    def test_a_retiring_slot_serves_until_the_gateway_closes(self) -> None:
        slot = self.start(hello, gateway=True)
        slot.lifetime.retire()
        self.assertEqual(slot.ask_gateway(GET).body, b"hello /x")
        slot.gateway.close()
        slot.thread.join(10)
        self.assertFalse(slot.thread.is_alive())

    def test_a_leaving_slot_gives_back_what_was_sent_ahead(self) -> None:
        def application(environ: Any, start_response: Any) -> Any:
            raise SystemExit(4)

        slot = self.start(application, gateway=True)
        with captured_log():
            slot.gateway.sendall(request_frame(1, GET) + request_frame(2, GET))
            self.assertEqual(read_answer(slot.gateway).status, 500)
            slot.thread.join(10)
        self.assertEqual(slot.left_with, [4])
        with self.assertRaises((EOFError, ConnectionResetError)):
            read_frame(slot.gateway)

    def test_a_slot_that_waits_can_be_hung_up(self) -> None:
        slot = self.start(hello, gateway=True)
        slot.lifetime.leave()
        slot.slot.interrupt()
        slot.thread.join(10)
        self.assertFalse(slot.thread.is_alive())

    def test_broken_bytes_cost_the_connection_and_not_the_slot(self) -> None:
        slot = self.start(hello, gateway=True)
        with captured_log():
            slot.gateway.sendall(frame(REQUEST, 1, b"\x05\0\0\0\0\0\0\0nonsense"))
            self.assertEqual(slot.gateway.recv(10), b"")
            slot.gateway = accepted(slot.gateway_listener)
            read_frame(slot.gateway)
        self.assertEqual(slot.ask_gateway(GET).body, b"hello /x")


class BothDoorsTest(SlotTestCase):
    def test_serves_both_in_turn(self) -> None:
        slot = self.start(hello, direct=True, gateway=True)
        for number in range(1, 20):
            self.assertEqual(slot.ask(GET).body, b"hello /x")
            self.assertEqual(slot.ask_gateway({**GET, "PATH_INFO": f"/{number}"}, b"", number).body, b"hello /%d" % number)

    def test_what_came_in_one_piece_is_served_without_another_wake(self) -> None:
        slot = self.start(hello, direct=True, gateway=True)
        slot.gateway.sendall(b"".join(request_frame(number, GET) for number in range(1, 9)))
        self.assertEqual([read_answer(slot.gateway).status for _ in range(8)], [200] * 8)

    def test_a_lost_gateway_is_found_again_while_the_direct_door_goes_on(self) -> None:
        slot = self.start(hello, direct=True, gateway=True)
        slot.gateway.close()
        self.assertEqual(slot.ask(GET).body, b"hello /x")
        slot.gateway = accepted(slot.gateway_listener)
        read_frame(slot.gateway)
        self.assertEqual(slot.ask_gateway(GET).body, b"hello /x")

    def test_a_retiring_slot_leaves_the_direct_door_first(self) -> None:
        slot = self.start(hello, direct=True, gateway=True)
        slot.lifetime.retire()
        self.assertEqual(slot.ask_gateway(GET).body, b"hello /x")
        with slot.connect() as connection:
            connection.sendall(uwsgi_packet(GET))
            self.assertEqual(slot.ask_gateway(GET, b"", 2).body, b"hello /x")
            connection.setblocking(False)
            with self.assertRaises(BlockingIOError):
                connection.recv(1)

    def test_a_retiring_slot_does_not_look_for_a_lost_gateway(self) -> None:
        slot = self.start(hello, direct=True, gateway=True)
        slot.gateway_listener.close()
        slot.gateway.close()
        slot.lifetime.retire()
        slot.thread.join(10)
        self.assertFalse(slot.thread.is_alive())
