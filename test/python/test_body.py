from __future__ import annotations

import unittest
from typing import Any

from .support import ROOT  # noqa: F401

from tsuwsgi.body import streamed
from tsuwsgi.wsgi import ClientGone

BODY = b"one\ntwo\n\nthree"


def stream(begun: bytes, *pieces: Any) -> Any:
    """wsgi.input of which these pieces arrive one by one; an exception in their place is raised."""
    waiting = list(pieces)

    def read_more(buffer: Any) -> int:
        if not waiting:
            return 0
        piece = waiting.pop(0)
        if isinstance(piece, Exception):
            raise piece
        size = min(len(buffer), len(piece))
        buffer[:size] = piece[:size]
        if size < len(piece):
            waiting.insert(0, piece[size:])
        return size

    return streamed(begun, read_more, lambda seconds: True)


class StreamedBodyTest(unittest.TestCase):
    def test_every_method_gives_the_same_wherever_the_body_is_cut(self) -> None:
        lines = [b"one\n", b"two\n", b"\n", b"three"]
        for cut in range(len(BODY) + 1):
            for second in range(cut, len(BODY) + 1):
                parts = [part for part in (BODY[cut:second], BODY[second:]) if part]
                with self.subTest(cut=cut, second=second):
                    self.assertEqual(stream(BODY[:cut], *parts).read(), BODY)
                    self.assertEqual(stream(BODY[:cut], *parts).readlines(), lines)
                    self.assertEqual(list(stream(BODY[:cut], *parts)), lines)
                    body = stream(BODY[:cut], *parts)
                    self.assertEqual(
                        [body.readline(), body.read(2), body.readline(), body.read(-1), body.read(5)], [b"one\n", b"tw", b"o\n", b"\nthree", b""]
                    )

    def test_a_read_waits_until_it_has_all_it_asked_for(self) -> None:
        self.assertEqual(stream(b"a", b"b", b"c", b"d").read(3), b"abc")

    def test_nothing_is_read_before_the_application_asks(self) -> None:
        body = stream(b"here", ClientGone("asked"))
        self.assertEqual(body.read(4), b"here")
        with self.assertRaises(OSError):
            body.read(1)
