from __future__ import annotations

import os
import resource
import select
import socket
import tempfile
import threading
import time
import unittest
from contextlib import contextmanager
from typing import Any, Iterator, List
from wsgiref.validate import validator

from .support import GET, SlotTestCase, captured_log, make_config, parse_answer, receive_all, uwsgi_packet

from tsuwsgi.direct import Connection, listen

POST = {**GET, "REQUEST_METHOD": "POST"}
# A state in /proc/net/tcp.
_LISTENS = "0A"


def hello(environ: Any, start_response: Any) -> Any:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello ", environ["PATH_INFO"].encode("latin-1")]


def echo(environ: Any, start_response: Any) -> Any:
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def receive_until_lost(connection: socket.socket) -> bytes:
    """As receive_all, where a reset is as good as an end."""
    try:
        return receive_all(connection)
    except ConnectionResetError:
        return b""


def _connections_at(port: int) -> List[str]:
    """What the kernel has of connections to this port, whatever their state (proc_pid_net(5))."""
    with open("/proc/net/tcp") as table:
        ends = [line.split()[1:4] for line in list(table)[1:]]
    return [" ".join(end) for end in ends if end[0].endswith(f":{port:04X}") and end[2] != _LISTENS]


class DirectDoorTest(SlotTestCase):
    def test_answers_with_the_protocol_of_the_request(self) -> None:
        slot = self.start(hello, direct=True)
        self.assertEqual(slot.ask(GET), ("HTTP/1.1 200 OK", ["Content-Type: text/plain"], b"hello /x"))
        self.assertEqual(slot.ask({"PATH_INFO": "/bare"}).status, "HTTP/1.0 200 OK")
        self.assertEqual(slot.ask({**GET, "SERVER_PROTOCOL": "HTTP/2.0"}).status, "HTTP/2.0 200 OK")

    def test_reads_the_packet_wherever_it_is_cut(self) -> None:
        slot = self.start(echo, direct=True)
        data = uwsgi_packet({"PATH_INFO": "/", "CONTENT_LENGTH": "4"}) + b"body"
        for cut in range(1, len(data)):
            with slot.connect() as connection:
                connection.sendall(data[:cut])
                connection.sendall(data[cut:])
                self.assertEqual(parse_answer(receive_all(connection)).body, b"body", f"cut at {cut}")

    def test_reads_a_packet_of_the_largest_size(self) -> None:
        slot = self.start(lambda environ, start: [start("200 OK", []) and b"", str(len(environ["HTTP_X"])).encode()], direct=True)
        self.assertEqual(slot.ask({"HTTP_X": "x" * (65535 - 10)}).body, b"65525")

    def test_the_environ_has_the_keys_of_pep_3333_and_uwsgi(self) -> None:
        seen: List[Any] = []

        def application(environ: Any, start_response: Any) -> Any:
            seen.append(environ)
            return hello(environ, start_response)

        self.start(application, direct=True).ask({**GET, "HTTPS": "on", "wsgi.version": "forged"})
        environ = seen[0]
        self.assertEqual(environ["wsgi.version"], (1, 0))
        self.assertEqual((environ["wsgi.url_scheme"], environ["wsgi.run_once"]), ("https", False))
        self.assertEqual((environ["wsgi.multithread"], environ["wsgi.multiprocess"]), (False, True))
        self.assertEqual((environ["uwsgi.version"], environ["uwsgi.node"]), (b"1.2.3", b"box"))
        self.assertNotIn("uwsgi.core", environ)
        self.assertNotIn("wsgi.input_terminated", environ)

    def test_the_core_is_named_where_there_are_threads(self) -> None:
        seen: List[Any] = []
        slot = self.start(lambda environ, start: [start("200 OK", []) and b"", seen.append(environ) or b"x"], direct=True, threads=2)
        slot.ask(GET)
        self.assertEqual((seen[0]["uwsgi.core"], seen[0]["wsgi.multithread"]), (0, True))

    def test_the_body_is_read_up_to_its_length(self) -> None:
        slot = self.start(echo, direct=True)
        for length, sent, read in [("4", b"body and more", b"body"), ("0", b"body", b""), ("", b"", b""), ("x", b"body", b"")]:
            with self.subTest(length):
                self.assertEqual(slot.ask({**POST, "CONTENT_LENGTH": length}, sent).body, read)

    def test_a_large_body_is_streamed_both_ways(self) -> None:
        slot = self.start(echo, direct=True)
        body = os.urandom(3_000_000)
        with slot.connect() as connection:
            sender = threading.Thread(target=connection.sendall, args=(uwsgi_packet({**POST, "CONTENT_LENGTH": str(len(body))}) + body,))
            sender.start()
            self.assertEqual(parse_answer(receive_all(connection)).body, body)
            sender.join()

    def test_an_unread_body_does_not_destroy_the_answer(self) -> None:
        slot = self.start(hello, direct=True)
        with slot.connect() as connection:
            connection.sendall(uwsgi_packet({**POST, "CONTENT_LENGTH": "400000"}))
            sender = threading.Thread(target=connection.sendall, args=(b"x" * 400000,))
            sender.start()
            self.assertEqual(parse_answer(receive_all(connection)).body, b"hello /x")
            sender.join()

    def test_a_body_that_ends_too_early_is_an_error_for_the_application(self) -> None:
        caught: List[Any] = []

        def application(environ: Any, start_response: Any) -> Any:
            try:
                environ["wsgi.input"].read()
            except OSError as error:
                caught.append(str(error))
            return hello(environ, start_response)

        slot = self.start(application, direct=True)
        with captured_log(), slot.connect() as connection:
            connection.sendall(uwsgi_packet({**POST, "CONTENT_LENGTH": "10"}) + b"half")
            connection.shutdown(socket.SHUT_WR)
            receive_all(connection)
        self.assertEqual(caught, ["the client left"])

    def test_a_body_above_limit_post_is_refused_before_it_is_read(self) -> None:
        slot = self.start(echo, direct=True, limitPost=10)
        self.assertEqual(slot.ask({**POST, "CONTENT_LENGTH": "10"}, b"x" * 10).body, b"x" * 10)
        with captured_log() as log, slot.connect() as connection:
            connection.sendall(uwsgi_packet({**POST, "CONTENT_LENGTH": "11"}))
            answer = parse_answer(receive_all(connection))
            self.assertIn("direct.sock: a body of 11 bytes; limit-post allows 10", log())
        self.assertEqual((answer.status, answer.body), ("HTTP/1.1 413 Payload Too Large", b"413 Payload Too Large\n"))

    def test_a_refused_client_that_goes_on_sending_gets_its_answer(self) -> None:
        slot = self.start(echo, direct=True, limitPost=10)
        with captured_log(), slot.connect() as connection:
            connection.sendall(uwsgi_packet({**POST, "CONTENT_LENGTH": "900000"}))
            sender = threading.Thread(target=connection.sendall, args=(b"x" * 900000,))
            sender.start()
            self.assertEqual(parse_answer(receive_all(connection)).status, "HTTP/1.1 413 Payload Too Large")
            sender.join()

    def test_the_environ_has_no_http_proxy(self) -> None:
        seen: List[Any] = []
        slot = self.start(lambda environ, start: [start("200 OK", []) and b"", seen.append(environ) or b"x"], direct=True)
        slot.ask({**GET, "HTTP_PROXY": "http://evil.example", "HTTP_PROXY_X": "kept"})
        self.assertNotIn("HTTP_PROXY", seen[0])
        self.assertEqual(seen[0]["HTTP_PROXY_X"], "kept")

    def test_a_client_that_trickles_its_request_is_left_after_socket_timeout(self) -> None:
        slot = self.start(hello, direct=True, socketTimeoutSeconds=0.2)
        stop = threading.Event()

        def trickle(connection: socket.socket) -> None:
            try:
                for byte in uwsgi_packet({**GET, "FILL": "x" * 1000}):
                    connection.send(bytes((byte,)))
                    if stop.wait(0.02):
                        return
            except OSError:
                pass  # the server has left, as it should

        with captured_log(), slot.connect() as connection:
            sender = threading.Thread(target=trickle, args=(connection,))
            sender.start()
            try:
                # Its bytes would last 20 seconds, and no wait for one of them is too long.
                self.assertEqual(receive_until_lost(connection), b"")
            finally:
                stop.set()
                sender.join()
        self.assertEqual(slot.ask(GET).body, b"hello /x")

    def test_a_silent_client_is_left_after_socket_timeout(self) -> None:
        slot = self.start(hello, direct=True, socketTimeoutSeconds=0.05)
        with captured_log(), slot.connect() as connection:
            connection.sendall(uwsgi_packet(GET)[:20])
            self.assertEqual(receive_all(connection), b"")
        self.assertEqual(slot.ask(GET).body, b"hello /x")

    def test_a_client_that_takes_nothing_is_left_after_socket_timeout(self) -> None:
        closed = threading.Event()

        class Endless:
            def __iter__(self) -> Any:
                while True:
                    yield b"x" * 100000

            def close(self) -> None:
                closed.set()

        slot = self.start(lambda environ, start: start("200 OK", []) and Endless(), direct=True, socketTimeoutSeconds=0.05)
        with captured_log() as log, slot.connect() as connection:
            connection.sendall(uwsgi_packet(GET))
            self.assertTrue(closed.wait(10))
            receive_all(connection)
            self.assertIn("took nothing for 0.05 seconds", log())

    def test_a_client_that_leaves_ends_the_iterable(self) -> None:
        closed = threading.Event()
        go_on = threading.Event()

        class Chunks:
            def __iter__(self) -> Any:
                yield b"first"
                go_on.wait(10)
                for _ in range(1000):
                    yield b"x" * 1000

            def close(self) -> None:
                closed.set()

        slot = self.start(lambda environ, start: start("200 OK", []) and Chunks(), direct=True)
        with captured_log():
            with slot.connect() as connection:
                connection.sendall(uwsgi_packet(GET))
                self.assertIn(b"first", connection.recv(1000))
            go_on.set()
            self.assertTrue(closed.wait(10))
            self.assertEqual(slot.ask({**GET, "REQUEST_URI": "/next"}).status, "HTTP/1.1 200 OK")

    def test_what_is_no_request_gets_a_line_and_a_closed_connection(self) -> None:
        slot = self.start(hello, direct=True, bufferSize=100)
        for what, data, line in [
            ("plain HTTP", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "plain HTTP arrived on a uwsgi socket"),
            ("too large", uwsgi_packet({"A": "x" * 200}), "buffer-size allows 100"),
            ("malformed", b"\0\2\0\0\5\0", "malformed uwsgi packet"),
        ]:
            with self.subTest(what), captured_log() as log, slot.connect() as connection:
                connection.sendall(data)
                try:
                    self.assertEqual(receive_all(connection), b"")
                except ConnectionResetError:
                    pass  # unread bytes lay there: closed all the same
                self.assertIn("direct.sock: ", log())
                self.assertIn(line, log())
        self.assertEqual(slot.ask({"PATH_INFO": "/on"}).body, b"hello /on")

    def test_answers_a_ping(self) -> None:
        with self.start(hello, direct=True).connect() as connection:
            connection.sendall(bytes((100, 0, 0, 0)))
            self.assertEqual(receive_all(connection), bytes((100, 0, 0, 1)))

    def test_a_file_is_sent_from_its_position(self) -> None:
        data = os.urandom(2_000_000)
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()

            def application(environ: Any, start_response: Any) -> Any:
                start_response("200 OK", [("Content-Length", "1500000")])
                opened = open(file.name, "rb")
                opened.seek(1000)
                return environ["wsgi.file_wrapper"](opened)

            self.assertEqual(self.start(application, direct=True).ask(GET).body, data[1000:1501000])

    def test_chunks_arrive_one_by_one(self) -> None:
        go_on = threading.Event()

        def application(environ: Any, start_response: Any) -> Any:
            start_response("200 OK", [])
            yield b"first"
            go_on.wait(10)
            yield b"second"

        with self.start(application, direct=True).connect() as connection:
            connection.sendall(uwsgi_packet(GET))
            self.assertTrue(connection.recv(1000).endswith(b"first"))
            go_on.set()
            self.assertEqual(receive_all(connection), b"second")

    def test_an_answer_cut_by_an_error_ends_with_a_reset_over_tcp(self) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        with socket.create_connection(listener.getsockname()) as client:
            client.settimeout(10)
            fd = listener.accept()[0].detach()
            connection = Connection(fd, 1)
            connection.is_broken = True
            connection.close()
            with self.assertRaises(ConnectionResetError):
                client.recv(1)

    @unittest.skipUnless(os.path.exists("/proc/net/tcp"), "only Linux tells of its connections")
    def test_a_connection_within_the_machine_leaves_nothing_in_the_kernel(self) -> None:
        with tempfile.TemporaryDirectory() as directory, socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            listener = listen(sock, "tcp", make_config(directory))
            port = sock.getsockname()[1]
            with socket.create_connection(sock.getsockname()) as client:
                client.settimeout(10)
                # It is not let in before it says something.
                client.sendall(uwsgi_packet(GET))
                select.select([sock], [], [], 10)
                connection = Connection(listener.socket._accept()[0], 1, listener.is_tuned)
                connection.read(1000)
                connection.write(b"all")
                connection.close()
                self.assertEqual(receive_all(client), b"all")
            self.assertEqual(_connections_at(port), [])

    def test_wsgiref_validate_agrees(self) -> None:
        def reader(environ: Any, start_response: Any) -> Any:
            lines = list(environ["wsgi.input"])
            write = start_response("200 OK", [("Content-Type", "text/plain")])
            write(b"%d lines;" % len(lines))
            environ["wsgi.errors"].flush()
            return iter([b"streamed;", b"end"])

        def wrapped(environ: Any, start_response: Any) -> Any:
            start_response("200 OK", [("Content-Type", "application/octet-stream")])
            return environ["wsgi.file_wrapper"](open(__file__, "rb"))

        def empty(environ: Any, start_response: Any) -> Any:
            start_response("204 No Content", [])
            return []

        with open(__file__, "rb") as file:
            source = file.read()
        for application, body in [(hello, b"hello /x"), (reader, b"2 lines;streamed;end"), (wrapped, source), (empty, b"")]:
            with self.subTest(application.__name__), captured_log() as log:
                slot = self.start(validator(application), direct=True)
                answer = slot.ask({**POST, "CONTENT_LENGTH": "7", "CONTENT_TYPE": "text/plain"}, b"one\ntwo")
                self.assertEqual((answer.body, log()), (body, ""))


class RetiringTest(SlotTestCase):
    def test_a_running_request_is_finished_and_no_other_accepted(self) -> None:
        begun, go_on = threading.Event(), threading.Event()

        def application(environ: Any, start_response: Any) -> Any:
            begun.set()
            go_on.wait(10)
            return hello(environ, start_response)

        slot = self.start(application, direct=True)
        with slot.connect() as connection, slot.connect() as late:
            connection.sendall(uwsgi_packet(GET))
            begun.wait(10)
            slot.lifetime.retire()
            late.sendall(uwsgi_packet(GET))
            go_on.set()
            self.assertEqual(parse_answer(receive_all(connection)).body, b"hello /x")
            slot.thread.join(10)
            self.assertFalse(slot.thread.is_alive())
            # The late one still waits in the kernel, for the successor.
            slot.listener.accept()[0].close()

    def test_an_idle_slot_wakes_and_ends(self) -> None:
        slot = self.start(hello, direct=True)
        slot.lifetime.retire()
        slot.thread.join(10)
        self.assertFalse(slot.thread.is_alive())

    def test_sys_exit_answers_and_then_leaves(self) -> None:
        def application(environ: Any, start_response: Any) -> Any:
            raise SystemExit(3)

        slot = self.start(application, direct=True)
        with captured_log():
            self.assertEqual(slot.ask(GET).status, "HTTP/1.1 500 Internal Server Error")
            slot.thread.join(10)
        self.assertEqual(slot.left_with, [3])


class ExhaustionTest(SlotTestCase):
    def test_a_connection_waits_for_a_descriptor_quietly(self) -> None:
        slot = self.start(hello, direct=True)
        # Now it has all descriptors that it needs itself.
        self.assertEqual(slot.ask(GET).body, b"hello /x")
        with slot.connect() as first, slot.connect() as second, captured_log() as log:
            with no_descriptor_left():
                first.sendall(uwsgi_packet(GET))
                second.sendall(uwsgi_packet(GET))
                time.sleep(0.35)
            for connection in (first, second):
                self.assertEqual(parse_answer(receive_all(connection)).body, b"hello /x")
            self.assertRegex(log(), r"\A[^\n]* a connection cannot be accepted and has to wait: Too many open files\n\Z")


@contextmanager
def no_descriptor_left() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class FallbackTest(SlotTestCase):
    def test_serves_where_there_is_no_epoll(self) -> None:
        epoll = select.epoll
        del select.epoll
        try:
            self.assertEqual(self.start(hello, direct=True).ask(GET).body, b"hello /x")
        finally:
            select.epoll = epoll
