from __future__ import annotations

import unittest
from typing import Any

from .support import GET, PATIENCE, SlotTestCase, captured_log

from tsuwsgi.exceptions import ExceptionRules
from tsuwsgi.wsgi import Exchange


class Unprintable(Exception):
    def __str__(self) -> str:
        raise RuntimeError


class RulesTest(unittest.TestCase):
    def test_an_exception_is_known_by_type_message_or_both(self) -> None:
        error = ValueError("no such item")
        for rules in (
            ExceptionRules(reloads_on_any=True),
            ExceptionRules(types=["KeyError", "ValueError"]),
            ExceptionRules(types=["builtins.ValueError"]),
            ExceptionRules(values=["no such item"]),
            ExceptionRules(reprs=["ValueError: no such item"]),
            ExceptionRules(reprs=["builtins.ValueError: no such item"]),
        ):
            self.assertTrue(rules.ends_worker(error), rules)
        for rules in (ExceptionRules(), ExceptionRules(types=["Value", "no such item"], values=["no such"], reprs=["no such item"])):
            self.assertFalse(rules.ends_worker(error), rules)

    def test_one_without_a_text_is_no_trouble(self) -> None:
        self.assertTrue(ExceptionRules(types=["Unprintable"]).ends_worker(Unprintable()))


class AnswerTest(SlotTestCase):
    def serve(self, rules: ExceptionRules, application: Any) -> Any:
        before = Exchange.exception_rules
        Exchange.exception_rules = rules
        self.addCleanup(setattr, Exchange, "exception_rules", before)
        return self.start(application, direct=True)

    def test_the_page_tells_what_went_wrong_and_where(self) -> None:
        def application(environ: Any, start_response: Any) -> Any:
            start_response("200 OK", [("X-Lost", "1")])
            raise ValueError("bröken")

        with captured_log():
            answer = self.serve(ExceptionRules(are_shown=True), application).ask({**GET, "HTTP_X_A": "b"})
        self.assertEqual(answer.status, "HTTP/1.1 500 Internal Server Error")
        self.assertEqual(answer.headers, ["Content-Type: text/plain; charset=utf-8", f"Content-Length: {len(answer.body)}"])
        page = answer.body.decode()
        for line in (
            'the application has failed for "GET /x?y=1" (catch-exceptions)',
            "Exception: builtins.ValueError: bröken",
            "Exception class: builtins.ValueError",
            "Exception message: bröken",
            "HTTP_X_A = b",
        ):
            self.assertIn(f"{line}\n", page)
        self.assertRegex(page, r'Backtrace:\nfilename: ".*test_exceptions.py" line: \d+ function: "application"\n')

    def test_the_worker_leaves_after_the_answer(self) -> None:
        def application(environ: Any, start_response: Any) -> Any:
            raise KeyError("a")

        slot = self.serve(ExceptionRules(types=["KeyError"]), application)
        with captured_log() as log:
            self.assertIn("500", slot.ask(GET).status)
            slot.thread.join(PATIENCE)
            self.assertIn("KeyError was raised (reload-on-exception); this worker leaves after the answer", log())
        self.assertEqual(slot.left_with, [0])
