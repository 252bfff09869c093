"""What statistics tell of requests that run."""

from types import SimpleNamespace
from typing import Any, Dict
from unittest import TestCase

from .support import GET

from tsuwsgi.environs import describe_running


def running(environ: Dict[str, Any]) -> Any:
    return SimpleNamespace(running=(SimpleNamespace(started_ns=7_000_900), environ))


class EnvironsTest(TestCase):
    def test_has_what_the_client_sent_and_nothing_that_lets_others_in(self) -> None:
        environ = {
            "REQUEST_METHOD": GET["REQUEST_METHOD"],
            "HTTP_COOKIE": "session=1",
            "HTTP_AUTHORIZATION": "Basic x",
            "HTTP_X_1": "é",
            "wsgi.url_scheme": "http",
            "CUSTOM": object(),
        }
        idle: Any = SimpleNamespace(running=None)
        (told,) = describe_running([idle, running(environ)])
        self.assertEqual((told["core"], told["startedAt"]), (1, 7000))
        self.assertEqual(told["variables"], ["REQUEST_METHOD=GET", "HTTP_COOKIE=***", "HTTP_AUTHORIZATION=***", "HTTP_X_1=é"])

    def test_is_bounded_in_each_value_each_request_and_all_together(self) -> None:
        big = {f"HTTP_X{number}": "x" * 5000 for number in range(100)}
        told = describe_running([running(big)] * 50)
        self.assertLess(len(told), 50)
        self.assertLess(sum(len(text) for each in told for text in each["variables"]), 131_072)
        self.assertEqual(len(told[0]["variables"][0]), len("HTTP_X0=") + 1024)
        self.assertEqual(len(told[0]["variables"]), 7)
