from __future__ import annotations

import gzip
import json
import time
import unittest
import zlib
from unittest import mock

from .support import ROOT  # noqa: F401  finds the runtime

from tsuwsgi.logwriter.encoders import encoder


class EncodersTest(unittest.TestCase):
    def test_each_encoder_makes_what_uwsgi_makes(self) -> None:
        for kind, argument, record, made in (
            ("prefix", "PRE ", b"one\n", b"PRE one\n"),
            ("suffix", " SUF", b"one\n", b"one\n SUF"),
            ("nl", "", b"one", b"one\n"),
            ("format", "[${msg}]", b"one\n", b"[one]"),
            ("format", "[${msgnl}]", b"one\n", b"[one\n]"),
            ("format", "${msg}$", b"no end", b"no end$"),
            ("format", "<${unknown}>", b"one\n", b"<>"),
            ("json", '{"m":"${msg}"}', b'a "b" \\ \t\xc3\xa9\n', b'{"m":"a \\"b\\" \\\\ \\t\xc3\xa9"}'),
            ("json", '{"m":"${msgnl}"}', b"one\n", b'{"m":"one\\n"}'),
        ):
            with self.subTest(kind=kind, argument=argument):
                self.assertEqual(encoder(kind, argument)(record), made)

    def test_the_time_has_three_forms(self) -> None:
        with mock.patch("time.time", return_value=1795266913.5), mock.patch("time.time_ns", return_value=1795266913500000000):
            self.assertEqual(encoder("format", "${unix} ${micros}")(b"x\n"), b"1795266913 1795266913500000")
        self.assertEqual(encoder("format", "${strftime:%Y}")(b"x\n"), time.strftime("%Y").encode())

    def test_json_stays_json_whatever_the_line_has(self) -> None:
        made = encoder("json", '{"m":"${msg}"}')(bytes(range(256)).replace(b"\n", b""))
        self.assertEqual(json.loads(made)["m"][0], "\0")

    def test_compressed_records_are_what_they_were(self) -> None:
        self.assertEqual(gzip.decompress(encoder("gzip", "")(b"one\n") + encoder("gzip", "")(b"two\n")), b"one\ntwo\n")
        self.assertEqual(zlib.decompress(encoder("compress", "")(b"one\n")), b"one\n")
