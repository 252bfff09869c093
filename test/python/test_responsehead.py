from __future__ import annotations

import unittest

from .support import ROOT  # noqa: F401

from tsuwsgi.responsehead import format_head, status_code


class ResponseHeadTest(unittest.TestCase):
    def test_a_code_alone_gets_its_reason(self) -> None:
        for status, line in {"200": b"200 OK", "999": b"999 Unknown", "200 Fine": b"200 Fine", "404 ": b"404 Not Found"}.items():
            with self.subTest(status):
                self.assertEqual(format_head(status, [])[0], line + b"\r\n")

    def test_wrong_statuses_are_refused(self) -> None:
        for status in ("20", "abc", "", "2000", "100 Continue", "099 x"):
            with self.subTest(status), self.assertRaises(ValueError):
                status_code(status)
        for status in (200, b"200 OK", None):
            with self.subTest(status), self.assertRaises(TypeError):
                status_code(status)

    def test_wrong_headers_are_refused_and_named(self) -> None:
        for headers, error, text in [
            ((("A", "b"),), TypeError, "must be a list"),
            ([["A", "b"]], TypeError, "must be a \\(name, value\\) tuple"),
            ([("A",)], TypeError, "must be a \\(name, value\\) tuple"),
            ([("A", 1)], TypeError, "must be str"),
            ([(b"A", "b")], TypeError, "must be str"),
            ([("A", "\u2713")], TypeError, "latin-1"),
            ([("A", "b\r\nSet-Cookie: c")], ValueError, "line break"),
            ([("A", "b\n c")], ValueError, "line break"),
            ([("A", "b\0")], ValueError, "NUL"),
            ([("A\r\nB", "b")], ValueError, "name of a header"),
            ([("A b", "c")], ValueError, "name of a header"),
            ([("", "c")], ValueError, "name of a header"),
            ([("Content-Length", "-1")], ValueError, "whole number"),
            ([("Content-Length", "1a")], ValueError, "whole number"),
            ([("Content-Length", "1\v")], ValueError, "whole number"),
            ([("Content-Length", "9" * 16)], ValueError, "whole number"),
            ([("Content-Length", "1"), ("content-length", "2")], ValueError, "two different Content-Lengths: 1 and 2"),
        ]:
            with self.subTest(headers), self.assertRaisesRegex(error, text):
                format_head("200 OK", headers)
        with self.assertRaisesRegex(ValueError, "line break"):
            format_head("200 OK\r\nX: y", [])

    def test_headers_about_the_connection_are_left_out(self) -> None:
        head, _ = format_head("200 OK", [("Connection", "close"), ("Transfer-Encoding", "chunked"), ("X-A", "1"), ("Keep-Alive", "5")])
        self.assertEqual(head, b"200 OK\r\nX-A: 1\r\n")

    def test_the_declared_length_is_found(self) -> None:
        self.assertEqual(format_head("200 OK", [("content-length", "12")])[1], 12)
        self.assertEqual(format_head("200 OK", [])[1], -1)
