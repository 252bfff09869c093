from __future__ import annotations

import json
import unittest

from .support import ROOT

from tsuwsgi.harmless import decoded, harmless, harmless_quoted, harmless_text


class HarmlessTest(unittest.TestCase):
    def test_is_as_in_the_gateway(self) -> None:
        for came, plain, quoted in json.loads((ROOT / "test/fixtures/harmless.json").read_text("utf-8")):
            with self.subTest(came):
                self.assertEqual(harmless(came), plain)
                self.assertEqual(harmless_quoted(came), quoted)

    def test_no_byte_acts_on_a_terminal_or_ends_a_line(self) -> None:
        for byte in range(256):
            shown = harmless(chr(byte))
            self.assertTrue(shown.isascii() and shown.isprintable(), byte)

    def test_text_keeps_its_letters_and_loses_what_acts(self) -> None:
        self.assertEqual(harmless_text("caf\u00e9 \u65e5\n\x1b[31m\x9b\u2028"), "caf\u00e9 \u65e5\\n\\u001b[31m\\u009b\\u2028")

    def test_bytes_become_text_where_they_are_some(self) -> None:
        for came, text in (
            ("plain\n", "plain\n"),
            ("caf\xc3\xa9\x1b", "caf\u00e9\x1b"),
            ("caf\xc3\xa9 \xff\n", "caf\u00e9 \\u00ff\\n"),
            ("\u20ac", "?"),
        ):
            with self.subTest(came):
                self.assertEqual(decoded(came), text)
