from __future__ import annotations

import unittest

from .support import ROOT  # noqa: F401

from tsuwsgi.texts import encoded


class TextsTest(unittest.TestCase):
    def test_text_is_utf8_and_bytes_are_themselves(self) -> None:
        for text, data in (("caf\u00e9", b"caf\xc3\xa9"), ("not \udcff", b"not \xff"), (b"\xff", b"\xff")):
            with self.subTest(text):
                self.assertEqual(encoded(text), data)

    def test_anything_else_is_refused(self) -> None:
        with self.assertRaisesRegex(TypeError, "a bytes-like object is required, not 'int'"):
            encoded(1)
