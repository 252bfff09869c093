from __future__ import annotations

import gzip
import io
import os
import sys
import tempfile
import unittest
from typing import Any, Callable, List, Optional

from .support import GET, captured_log, file_of_digits

from tsuwsgi import wsgi
from tsuwsgi.errorpages import error_page, error_pages
from tsuwsgi.fileregion import FileRegion, FileWrapper
from tsuwsgi.responsehead import header_changes
from tsuwsgi.wsgi import ClientGone, Exchange, run, url_scheme

PLAIN = [("Content-Type", "text/plain")]


class Sink:
    """A door that writes down what it is told."""

    sent_files = None

    def __init__(self, gone_after: Optional[int] = None) -> None:
        self.told: List[Any] = []
        self.body = b""
        self.head = b""
        self._gone_after = gone_after

    def send_head(self, exchange: Exchange, data: bytes, is_last: bool) -> None:
        self.head = exchange.head or b""
        self._send("head", data, is_last)

    def send_body(self, exchange: Exchange, data: bytes, is_last: bool) -> None:
        self._send("body", data, is_last)

    def _send(self, kind: str, data: bytes, is_last: bool) -> None:
        if self._gone_after == len(self.told):
            raise ClientGone("the client left")
        self.told.append((kind, data, is_last))
        self.body += data

    def send_file(self, exchange: Exchange, region: FileRegion) -> None:
        data = os.pread(region.fd, region.size, region.position)
        self.told.append(("file", data, False))
        exchange.count_sent(len(data))

    def abort(self, exchange: Exchange) -> None:
        self.told.append("abort")


class ErrorPageTest(unittest.TestCase):
    def setUp(self) -> None:
        self.addCleanup(error_pages.clear)

    def test_without_files_it_is_plain(self) -> None:
        self.assertEqual(error_page("500", b"oh"), ([("Content-Type", "text/plain"), ("Content-Length", "2")], b"oh"))

    def test_the_first_file_that_can_be_read_is_the_page(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "page.html")
            error_pages["500"] = [os.path.join(folder, "none.html"), path]
            self.assertEqual(error_page("500", b"oh")[1], b"oh")
            with open(path, "w", encoding="ascii") as file:
                file.write("<p>")
            self.assertEqual(error_page("500", b"oh"), ([("Content-Type", "text/html"), ("Content-Length", "3")], b"<p>"))
            self.assertEqual(error_page("404", b"oh")[1], b"oh")


class HeaderChangesTest(unittest.TestCase):
    """`add-header` and `rem-header`."""

    def setUp(self) -> None:
        self.addCleanup(setattr, Exchange, "header_changes", None)

    def head(self, headers: Any) -> bytes:
        sink = Sink()

        def application(environ: Any, start_response: Any) -> List[bytes]:
            start_response("200 OK", headers)
            return [b"ok"]

        run(application, dict(GET), Exchange(sink, dict(GET), 0, 0))
        return sink.head

    def test_nothing_is_changed_where_nothing_is_asked_for(self) -> None:
        self.assertIsNone(header_changes([], []))

    def test_headers_go_and_come(self) -> None:
        Exchange.header_changes = header_changes(["X-New: a:b", "X-One: added"], ["x-one", "CONTENT-TYPE"])
        self.assertEqual(self.head([*PLAIN, ("X-ONE", "1"), ("X-Two", "2")]), b"200 OK\r\nX-Two: 2\r\nX-New: a:b\r\nX-One: added\r\n")

    def test_the_server_s_own_pages_have_them_too(self) -> None:
        Exchange.header_changes = header_changes(["X-New: 1"], [])
        with captured_log() as lines:
            head = self.head("no list")
        self.assertTrue(head.startswith(b"500 "), lines)
        self.assertIn(b"\r\nX-New: 1\r\n", head)

    def test_what_is_no_header_is_refused_as_ever(self) -> None:
        Exchange.header_changes = header_changes([], ["x-one"])
        with captured_log() as lines:
            self.assertTrue(self.head([("X-One", 1, 2)]).startswith(b"500 "), lines)


class Iterable:
    """An application's iterable that counts its ends."""

    def __init__(self, *chunks: Any) -> None:
        self._chunks = iter(chunks)
        self.closed = 0

    def __iter__(self) -> Iterable:
        return self

    def __next__(self) -> Any:
        chunk = next(self._chunks)
        if isinstance(chunk, BaseException):
            raise chunk
        return chunk

    def close(self) -> None:
        self.closed += 1


class WsgiTestCase(unittest.TestCase):
    def serve(self, application: Callable[..., Any], sink: Optional[Sink] = None, **variables: str) -> Exchange:
        environ = {**GET, **variables}
        exchange = Exchange(sink or Sink(), environ, len(environ), 100)
        with captured_log() as read:
            run(application, environ, exchange)
            self.log = read()
        return exchange

    def give(self, result: Any, headers: Any = PLAIN, status: Any = "200 OK", sink: Optional[Sink] = None) -> Exchange:
        """Serves an application that answers with this."""

        def application(environ: Any, start_response: Any) -> Any:
            start_response(status, headers)
            return result

        return self.serve(application, sink)

    def assert_error_page(self, exchange: Exchange) -> None:
        self.assertEqual(exchange.status, 500)
        self.assertEqual(exchange.sink.body, b"Internal Server Error")
        self.assertIn(b"Content-Type: text/plain\r\n", exchange.sink.head)


class StartResponseTest(WsgiTestCase):
    def test_the_head_leaves_with_the_first_chunk_that_is_not_empty(self) -> None:
        exchange = self.give(Iterable(b"", b"one", b"", b"two"))
        self.assertEqual(exchange.sink.told, [("head", b"one", False), ("body", b"two", False), ("body", b"", True)])
        self.assertEqual(exchange.sink.head, b"200 OK\r\nContent-Type: text/plain\r\n")

    def test_the_head_leaves_at_the_end_where_there_is_no_body(self) -> None:
        self.assertEqual(self.give(Iterable(b"")).sink.told, [("head", b"", True)])

    def test_a_generator_may_call_it_before_its_first_chunk(self) -> None:
        def application(environ: Any, start_response: Any) -> Any:
            start_response("201 Created", PLAIN)
            yield b"late"

        self.assertEqual(self.serve(application).status, 201)

    def test_a_second_call_without_exc_info_is_an_error(self) -> None:
        def application(environ: Any, start_response: Any) -> Any:
            start_response("200 OK", PLAIN)
            start_response("404 Not Found", PLAIN)

        self.assert_error_page(self.serve(application))
        self.assertIn("AssertionError: start_response() was called twice", self.log)

    def test_exc_info_replaces_the_headers_before_they_are_sent(self) -> None:
        def application(environ: Any, start_response: Any) -> Any:
            start_response("200 OK", PLAIN)
            try:
                raise KeyError("x")
            except KeyError:
                start_response("503 Later", [("Retry-After", "1")], sys.exc_info())
            return [b"later"]

        exchange = self.serve(application)
        self.assertEqual((exchange.status, exchange.sink.head), (503, b"503 Later\r\nRetry-After: 1\r\n"))

    def test_exc_info_is_raised_again_after_they_are_sent(self) -> None:
        def application(environ: Any, start_response: Any) -> Any:
            start_response("200 OK", PLAIN)
            yield b"begun"
            try:
                raise KeyError("too late")
            except KeyError:
                start_response("500 Error", PLAIN, sys.exc_info())
            yield b"never"

        exchange = self.serve(application)
        self.assertEqual(exchange.sink.told, [("head", b"begun", False), "abort"])
        self.assertIn("KeyError: 'too late'", self.log)

    def test_write_sends_at_once_and_before_the_iterable(self) -> None:
        def application(environ: Any, start_response: Any) -> Any:
            write = start_response("200 OK", PLAIN)
            write(b"one")
            write(b"two")
            return [b"three"]

        self.assertEqual(self.serve(application).sink.told, [("head", b"one", False), ("body", b"two", False), ("body", b"three", True)])

    def test_a_write_after_the_request_fails(self) -> None:
        kept: List[Any] = []

        def application(environ: Any, start_response: Any) -> Any:
            kept.append(start_response("200 OK", PLAIN))
            return [b"x"]

        self.serve(application)
        with self.assertRaisesRegex(OSError, "this request has ended"):
            kept[0](b"late")

    def test_an_answer_without_it_is_an_error_page(self) -> None:
        for result in ([b"x"], [], Iterable(b"x"), b"x"):
            with self.subTest(result):
                self.assert_error_page(self.serve(lambda environ, start_response, result=result: result))
                self.assertIn("without calling start_response()", self.log)

    def test_a_refused_header_is_an_error_page_and_in_the_log(self) -> None:
        self.assert_error_page(self.give([b"x"], headers=[("X", "a\r\nb")]))
        self.assertIn("ValueError: the header X holds a line break or NUL", self.log)
        self.assertNotIn("wsgi.py", self.log.split("test_wsgi.py")[0], "no frame of ours on top")
        self.assertNotIn("responsehead.py", self.log, "nor at the bottom")


class BodyTest(WsgiTestCase):
    def test_a_list_is_one_piece(self) -> None:
        exchange = self.give([b"a", b"", b"b"])
        self.assertEqual(exchange.sink.told, [("head", b"ab", True)])
        self.assertEqual(exchange.switches, 3)

    def test_a_large_list_is_sent_without_joining(self) -> None:
        self.assertEqual(len(self.give([b"x" * 40000] * 3).sink.told), 4)

    def test_bare_bytes_are_sent_whole(self) -> None:
        self.assertEqual(self.give(b"whole").sink.told, [("head", b"whole", True)])

    def test_text_is_sent_as_utf8_with_one_warning(self) -> None:
        wsgi._warn_about_text.cache_clear()
        for result in ("caf\xe9", ["caf\xe9"], Iterable("caf\xe9")):
            with self.subTest(result):
                self.assertEqual(self.give(result).sink.body, b"caf\xc3\xa9")
        self.assertNotIn("str", self.log)
        wsgi._warn_about_text.cache_clear()
        self.give("x")
        self.assertIn("return [text.encode()]", self.log)

    def test_other_chunks_are_an_error_that_names_the_type(self) -> None:
        for result in ([1], [None], [bytearray(b"x")], Iterable(5)):
            with self.subTest(result):
                self.assert_error_page(self.give(result))
                self.assertRegex(self.log, "TypeError: a WSGI body consists of bytes, and the application gave (int|NoneType|bytearray)")

    def test_no_iterable_is_an_error(self) -> None:
        for result in (None, 42):
            with self.subTest(result):
                self.assert_error_page(self.give(result))
                self.assertIn("not iterable", self.log)

    def test_more_than_the_declared_length_is_cut_with_one_line(self) -> None:
        for result in ([b"12345", b"678"], [b"12345678"], Iterable(b"123", b"456", b"789", b"x")):
            with self.subTest(result):
                exchange = self.give(result, headers=[("Content-Length", "5")])
                self.assertEqual(exchange.sink.body, b"12345")
                self.assertEqual(self.log.count("longer than its Content-Length of 5"), 1)
                self.assertTrue(exchange.sink.told[-1][2])

    def test_the_answer_ends_with_the_declared_length(self) -> None:
        self.assertEqual(self.give(Iterable(b"12345"), headers=[("Content-Length", "5")]).sink.told, [("head", b"12345", True)])

    def test_the_answer_does_not_end_early_while_the_body_of_the_request_still_comes(self) -> None:
        exchange = Exchange(Sink(), dict(GET), 1, 1)
        exchange.has_whole_body = False
        exchange.start_response("200 OK", [("Content-Length", "1")])
        exchange.write(b"x")
        self.assertFalse(exchange.is_complete)


class EndTest(WsgiTestCase):
    def test_close_is_called_once_whatever_happens(self) -> None:
        for what, chunks, sink in [
            ("all is well", (b"a", b"b"), Sink()),
            ("an error before the head", (ValueError("x"),), Sink()),
            ("an error after the head", (b"a", ValueError("x")), Sink()),
            ("sys.exit", (SystemExit(3),), Sink()),
            ("the client left", (b"a", b"b", b"c"), Sink(gone_after=1)),
            ("a wrong chunk", (b"a", 5), Sink()),
        ]:
            with self.subTest(what):
                iterable = Iterable(*chunks)
                self.give(iterable, sink=sink)
                self.assertEqual(iterable.closed, 1)

    def test_an_error_before_the_head_is_an_error_page(self) -> None:
        exchange = self.give(Iterable(ValueError("secret")))
        self.assert_error_page(exchange)
        self.assertTrue(exchange.has_failed)
        self.assertIn("ValueError: secret", self.log)

    def test_an_error_after_the_head_cuts_the_answer(self) -> None:
        self.assertEqual(self.give(Iterable(b"a", ValueError("x"))).sink.told[-1], "abort")

    def test_an_error_in_close_is_logged_only(self) -> None:
        class Broken(Iterable):
            def close(self) -> None:
                raise ValueError("in close")

        exchange = self.give(Broken(b"fine"))
        self.assertEqual(exchange.sink.body, b"fine")
        self.assertNotIn("abort", exchange.sink.told)
        self.assertIn("ValueError: in close", self.log)

    def test_the_traceback_begins_in_the_application(self) -> None:
        def application(environ: Any, start_response: Any) -> Any:
            raise ValueError("here")

        self.serve(application)
        self.assertEqual(self.log.count("  File "), 1)
        self.assertIn("in application", self.log)

    def test_sys_exit_is_an_error_page_and_remembered(self) -> None:
        for code, status in [(3, 3), (None, 0), ("bye", 1), (256 + 2, 2)]:
            with self.subTest(code):
                exchange = self.give(Iterable(SystemExit(code)))
                self.assert_error_page(exchange)
                self.assertEqual(exchange.exit_status, status)

    def test_want_of_memory_is_an_error_page(self) -> None:
        self.assert_error_page(self.give(Iterable(MemoryError())))

    def test_a_client_that_leaves_is_one_line_and_no_traceback(self) -> None:
        exchange = self.give(Iterable(b"abc", b"d", b"e"), sink=Sink(gone_after=1))
        self.assertTrue(exchange.has_lost_client)
        self.assertFalse(exchange.has_failed)
        self.assertRegex(self.log, r"127.0.0.1 GET /x\?y=1: the client left; 3 bytes of the body were sent\n$")
        self.assertEqual(self.log.count("\n"), 1)


class FileWrapperTest(WsgiTestCase):
    def setUp(self) -> None:
        self.path = file_of_digits(self)

    def test_a_regular_file_is_sent_from_its_position_and_closed(self) -> None:
        file = open(self.path, "rb")
        file.read(3)
        exchange = self.give(FileWrapper(file))
        self.assertEqual(exchange.sink.told, [("head", b"", False), ("file", b"3456789", False), ("body", b"", True)])
        self.assertEqual((exchange.body_size, exchange.via), (7, " via sendfile() "))
        self.assertTrue(file.closed)

    def test_no_more_than_the_declared_length_is_sent(self) -> None:
        exchange = self.give(FileWrapper(open(self.path, "rb")), headers=[("Content-Length", "4")])
        self.assertEqual(exchange.sink.told[1], ("file", b"0123", False))

    def test_an_empty_file_is_an_empty_body(self) -> None:
        with open(os.devnull, "rb") as file:
            self.assertEqual(self.give(FileWrapper(file)).sink.told, [("head", b"", True)])

    def test_what_is_no_regular_file_is_read(self) -> None:
        self.assertEqual(self.give(FileWrapper(io.BytesIO(b"in memory"), 4)).sink.body, b"in memory")
        with gzip.open(self.path + ".gz", "wb") as file:
            file.write(b"unpacked")
        packed = gzip.open(self.path + ".gz", "rb")
        self.addCleanup(packed.close)
        self.assertEqual(self.give(FileWrapper(packed)).sink.body, b"unpacked")


class UrlSchemeTest(unittest.TestCase):
    def test_follows_what_a_proxy_says(self) -> None:
        for environ, scheme in [
            ({}, "http"),
            ({"HTTPS": "on"}, "https"),
            ({"HTTPS": "ON"}, "https"),
            ({"HTTPS": "1"}, "https"),
            ({"HTTPS": "off"}, "http"),
            ({"HTTPS": ""}, "http"),
            ({"HTTP_X_FORWARDED_SSL": "on"}, "https"),
            ({"HTTP_X_FORWARDED_PROTO": "https"}, "https"),
            ({"HTTP_X_FORWARDED_PROTO": "http", "HTTPS": "on"}, "http"),
            ({"UWSGI_SCHEME": "https", "HTTP_X_FORWARDED_PROTO": "http"}, "https"),
            ({"HTTP_X_FORWARDED_PROTO": "javascript"}, "http"),
            ({"REQUEST_SCHEME": "https"}, "http"),
        ]:
            with self.subTest(environ):
                self.assertEqual(url_scheme(environ), scheme)
