from __future__ import annotations

import json
import os
import re
import time
import unittest
from typing import Any, Dict
from unittest import mock

from .support import GET, captured_log, line_buffer
from .test_logselection import NONE

from tsuwsgi.config import LogPart, RequestLogConfig
from tsuwsgi.logformat import compile_ahead, line_form
from tsuwsgi.requestlog import LogPlace, RequestLog
from tsuwsgi.wsgi import Exchange

PLACE = LogPlace(os.getpid(), 3, 1)


def part(name: str, kind: str = "variable", is_quoted: bool = False) -> LogPart:
    return LogPart(kind, name, is_quoted)


class FormatTest(unittest.TestCase):
    def log(self, form: str, *parts: LogPart, environ: Dict[str, Any], **over: Any) -> str:
        log = RequestLog(line_form(RequestLogConfig(form, parts, "%Y", NONE), PLACE), line_buffer(), lambda: 9, lambda: None)
        exchange: Any = Exchange(None, environ, len(environ), 581)
        exchange.head_size, exchange.header_count, exchange.status = 45, 1, 200
        exchange.body_size, exchange.switches = 11, 1
        if log.notes is not None:
            exchange.logged = log.notes(environ)
        vars(exchange).update(over)
        # What the application does to it comes too late.
        environ.clear()
        with captured_log() as read:
            ended_ns = time.monotonic_ns()
            exchange.started_ns = ended_ns - 1_500_000
            log.add(exchange, 3, 1_500, ended_ns)
            log.flush()
            return read()

    def fill(self, *parts: LogPart, environ: Dict[str, Any] = GET, **over: Any) -> str:
        return self.log("parts", *parts, environ=dict(environ), **over)[:-1]

    def test_a_form_that_was_compiled_ahead_is_compiled_for_no_slot(self) -> None:
        config = RequestLogConfig("parts", (part("method"), part("ahead", "text")), "%Y", NONE)
        compile_ahead(config)
        with mock.patch("tsuwsgi.logline.compile", side_effect=AssertionError, create=True):
            line_form(config, PLACE)
            with self.assertRaises(AssertionError):
                line_form(RequestLogConfig("parts", (part("later", "text"), part("uri")), "%Y", NONE), PLACE)

    def test_figures(self) -> None:
        sizes = {"status": "200", "rsize": "11", "hsize": "45", "size": "56", "headers": "1", "pktsize": "581", "cl": "0"}
        times = {"micros": "1500", "msecs": "1", "secs": "0.001500"}
        others = {"wid": "3", "core": "1", "switches": "1", "modifier1": "0", "rerr": "0", "werr": "0", "ioerr": "0"}
        for name, value in (*sizes.items(), *times.items(), *others.items()):
            self.assertEqual(self.fill(part(name)), value, name)
        self.assertEqual(self.fill(part("werr"), part("ioerr"), has_lost_client=True), "11")
        self.assertEqual(self.fill(part("modifier1"), part("modifier2"), modifiers=(5, 7)), "57")
        self.assertEqual(self.fill(part("cl"), environ={**GET, "CONTENT_LENGTH": "17"}), "17")
        self.assertEqual(self.fill(part("status"), status=0), "500")

    def test_times_are_those_of_the_beginning(self) -> None:
        before = time.time()
        first, thousandth, millionth = (int(self.fill(part(name))) for name in ("time", "tmsecs", "tmicros"))
        self.assertAlmostEqual(first, before, delta=5)
        self.assertAlmostEqual(thousandth / 1000, before, delta=5)
        self.assertAlmostEqual(millionth / 1e6, before, delta=5)
        self.assertEqual(self.fill(part("ftime")), time.strftime("%Y"))
        self.assertRegex(self.fill(part("ltime")), r"^\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}$")

    def test_memory_is_real(self) -> None:
        self.assertGreater(int(self.fill(part("rssM"))), 4)
        self.assertGreater(int(self.fill(part("vsz"))), int(self.fill(part("rss"))))

    def test_the_environ_is_told_as_it_came(self) -> None:
        environ = {**GET, "HTTP_X_ID": "r-1", "wsgi.input": object()}
        self.assertEqual(self.fill(part("HTTP_X_ID", "var"), environ=environ), "r-1")
        self.assertEqual(self.fill(part("NOWHERE", "var"), part("wsgi.input", "var"), part("referer"), environ=environ), "---")

    def test_variables_of_the_application(self) -> None:
        values = {b"who": "caf\u00e9\n".encode()}
        self.assertEqual(self.fill(part("who", "logvar"), part("nobody", "logvar"), log_variables=values), "caf\u00e9\\n-")

    def test_what_was_said_cannot_leave_its_quotes(self) -> None:
        environ = {**GET, "HTTP_USER_AGENT": 'a" 200 "\\'}
        self.assertEqual(self.fill(part("uagent", is_quoted=True), environ=environ), 'a\\" 200 \\"\\\\')
        self.assertEqual(self.fill(part("uagent"), environ=environ), 'a" 200 "\\')

    def test_text_is_shown_as_it_was_written(self) -> None:
        self.assertEqual(self.fill(part("100% caf\u00e9 ", "text"), part("none", "metric")), "100% caf\u00e9 0")

    def test_json_says_the_same_whether_something_in_it_is_escaped_or_not(self) -> None:
        environ = {**GET, "REMOTE_USER": "joe", "HTTP_HOST": "a.example", "CONTENT_LENGTH": "17", "HTTP_REFERER": ""}
        plain = json.loads(self.log("json", environ=dict(environ)))
        escaped = json.loads(self.log("json", environ={**environ, "HTTP_USER_AGENT": "\n"}))
        self.assertEqual(
            [plain[key] for key in ("user", "uri", "host", "referer", "request_bytes", "via")], ["joe", "/x?y=1", "a.example", None, 17, None]
        )
        self.assertEqual({**escaped, "time": plain["time"]}, {**plain, "user_agent": "\n"})

    def test_json_is_one_line_of_ascii_that_reads_back(self) -> None:
        environ = {**GET, "REQUEST_URI": "/caf\xc3\xa9\n\x7f", "HTTP_USER_AGENT": '"}\xff'}
        line = self.log("json", environ=environ, log_variables={b"k\n": b"\x1b"}, via=" via offload() ")
        self.assertTrue(re.match(r"^[ -~]+\n$", line), line)
        entry = json.loads(line)
        self.assertEqual(
            [entry[key] for key in ("uri", "user_agent", "user", "via", "variables", "worker", "status")],
            ["/caf\u00e9\n\x7f", '"}\\u00ff', None, "offload", {"k\n": "\x1b"}, 3, 200],
        )
