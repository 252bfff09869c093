from __future__ import annotations

import os
import threading
import time
import unittest
from typing import Any, Callable
from unittest import mock

from .support import GET, captured_log, line_buffer, make_config

from tsuwsgi.logdate import SECOND_NS, clock
from tsuwsgi.logformat import line_form
from tsuwsgi.requestlog import COUNTING_NS, PAUSE_NS, LogPlace, RequestLog
from tsuwsgi.wsgi import Exchange


def log_of(worker: int = 1, core: int = 0, completed: Callable[[], int] = lambda: 9, watch: Callable[[], None] = lambda: None) -> RequestLog:
    form = line_form(make_config("").request_log, LogPlace(os.getpid(), worker, core))
    return RequestLog(form, line_buffer(), completed, watch)


def finished(**variables: str) -> Exchange:
    environ = {**GET, **variables}
    exchange: Any = Exchange(None, environ, len(environ), 581)
    exchange.head_size, exchange.header_count, exchange.status = 45, 1, 200
    exchange.body_size, exchange.switches = 11, 1
    return exchange


def add(log: RequestLog, exchange: Exchange, number: int = 1, spent_us: int = 0, ended_ns: int = 0) -> None:
    """A request that has just ended, or then."""
    ended_ns = ended_ns or time.monotonic_ns()
    exchange.started_ns = ended_ns - 1000 * spent_us
    log.add(exchange, number, spent_us, ended_ns)


class RequestLogTest(unittest.TestCase):
    def line(self, exchange: Exchange, spent_us: int = 0) -> str:
        log = log_of(2, 1)
        with captured_log() as read:
            add(log, exchange, 3, spent_us)
            log.flush()
            return read()

    def test_is_uwsgis_line(self) -> None:
        self.assertRegex(
            self.line(finished(REMOTE_USER="joe"), 2500),
            rf"^\[pid: {os.getpid()}\|app: 0\|req: 3/9\] 127\.0\.0\.1 \(joe\) \{{20 vars in 581 bytes\}} \[\w{{3}} \w{{3}} [ \d]\d \d\d:\d\d:\d\d \d{{4}}\] "
            r"GET /x\?y=1 => generated 11 bytes in 2 msecs \(HTTP/1\.1 200\) 1 headers in 45 bytes \(1 switches on core 1\)\n$",
        )

    def test_a_nearly_empty_request_has_nearly_empty_fields(self) -> None:
        exchange = Exchange(None, {"HTTP_HOST": "x"}, 1, 22)
        self.assertRegex(
            self.line(exchange), r"\]  \(\) \{2 vars in 22 bytes\} \[[^]]+\]   => generated 0 bytes in 0 msecs \( 500\) 0 headers in 0 bytes \(0 sw"
        )

    def test_the_date_is_that_of_the_beginning(self) -> None:
        before = int(time.time()) - 3600
        line = self.line(finished(), 3600_000_000)
        self.assertTrue(any(time.ctime(second) in line for second in range(before, before + 3)), line)

    def test_a_clock_that_was_set_is_followed_a_second_later(self) -> None:
        log = log_of()
        now = time.monotonic_ns()
        self.addCleanup(clock.tune)
        with captured_log() as read:
            add(log, finished(), ended_ns=now)
            hour_on = time.time_ns() + 3600 * SECOND_NS
            with mock.patch("time.time_ns", return_value=hour_on):
                add(log, finished(), ended_ns=now + SECOND_NS)
            log.flush()
            dates = [time.mktime(time.strptime(line.split("[")[2].split("]")[0])) for line in read().splitlines()]
        self.assertIn(dates[1] - dates[0], (3600, 3601, 3602))

    def test_a_file_is_marked(self) -> None:
        exchange = finished()
        exchange.via = " via sendfile() "
        self.assertIn("in 0 msecs via sendfile() (HTTP/1.1 200)", self.line(exchange))

    def test_bytes_come_out_as_they_came_in(self) -> None:
        with captured_log():
            log = log_of()
            read, write = os.pipe()
            saved = os.dup(2)
            os.dup2(write, 2)
            add(log, finished(REQUEST_URI="/caf\xc3\xa9"))
            log.flush()
            os.dup2(saved, 2)
            self.assertIn("/café".encode(), os.read(read, 4096))
            for fd in (read, write, saved):
                os.close(fd)

    def test_a_line_break_in_a_variable_does_not_make_a_line(self) -> None:
        line = self.line(finished(REMOTE_USER="joe\n[pid: 1|app: 0] forged"))
        self.assertEqual(line.count("\n"), 1)
        self.assertIn("(joe\\n[pid: 1|app: 0] forged)", line)

    def test_lines_leave_together(self) -> None:
        log = log_of()
        with captured_log() as read:
            add(log, finished())
            self.assertEqual(read(), "")
            for number in range(200):
                add(log, finished(), number)
            self.assertIn(read().count("\n"), range(64, 201))
            log.flush()
            self.assertEqual(read().count("\n"), 201)

    def test_a_line_waits_for_others_only_where_the_one_before_is_a_moment_ago(self) -> None:
        watch = mock.Mock()
        log = log_of(watch=watch)
        # In the middle of a second: with the next one begins another group of lines.
        begin = clock.moment(2_000_000_000) + SECOND_NS // 2
        with captured_log() as read:

            def rest(lines: int) -> None:
                log.rest()
                self.assertEqual(read().count("\n"), lines)

            rest(0)
            add(log, finished(), ended_ns=begin)
            watch.assert_called_once_with()  # the next request may take long
            rest(1)
            add(log, finished(), ended_ns=begin + 1_000_000)
            rest(1)
            add(log, finished(), ended_ns=begin + 2_000_000)
            rest(1)
            log.flush_beside()
            rest(3)
            add(log, finished(), ended_ns=begin + 2_000_000 + PAUSE_NS)
            rest(4)

    def test_the_watch_is_armed_with_the_first_line_of_each_second(self) -> None:
        watch = mock.Mock()
        log = log_of(watch=watch)
        begin = clock.moment(2_000_000_000) + SECOND_NS // 4
        with captured_log():
            for after, armed in ((0, 1), (SECOND_NS // 2, 1), (SECOND_NS, 2), (SECOND_NS + SECOND_NS // 2, 2), (9 * SECOND_NS, 3)):
                add(log, finished(), ended_ns=begin + after)
                log.rest()
                self.assertEqual(watch.call_count, armed)

    def test_what_all_workers_have_completed_is_counted_anew_after_a_while(self) -> None:
        completed = mock.Mock(return_value=50)
        log = log_of(completed=completed)
        with captured_log() as read:
            now = time.monotonic_ns()
            add(log, finished(), 5, ended_ns=now)
            completed.return_value = 60
            add(log, finished(), 6, ended_ns=now + COUNTING_NS - 1)
            add(log, finished(), 7, ended_ns=now + COUNTING_NS)
            log.flush()
            self.assertEqual([line.split("req: ")[1].split("]")[0] for line in read().splitlines()], ["5/50", "6/51", "7/60"])

    def test_another_thread_may_write_what_waits_at_any_time(self) -> None:
        log = log_of()
        is_over = threading.Event()

        def write_over_and_over() -> None:
            while not is_over.is_set():
                log.flush_beside()

        with captured_log() as read:
            other = threading.Thread(target=write_over_and_over)
            other.start()
            for number in range(3000):
                add(log, finished(), number)
            is_over.set()
            other.join()
            log.flush()
            self.assertEqual([int(line.split("req: ")[1].split("/")[0]) for line in read().splitlines()], list(range(3000)))

    def test_a_byte_that_is_no_utf8_is_shown_by_its_number(self) -> None:
        self.assertIn(" GET /\\u00e9 => ", self.line(finished(REQUEST_URI="/\xe9")))

    def test_a_line_that_no_buffer_holds_comes_out_whole_and_in_its_place(self) -> None:
        log = log_of()
        with captured_log() as read:
            for uri in ("/first", "/" + "x" * 20_000, "/last"):
                add(log, finished(REQUEST_URI=uri))
            log.flush()
            lines = read().splitlines()
        self.assertEqual([len(line) > 20_000 for line in lines], [False, True, False])
        self.assertIn(" GET /first => ", lines[0])
