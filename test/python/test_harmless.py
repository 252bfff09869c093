from __future__ import annotations

import json
import unittest

from .support import ROOT

from tsuwsgi.harmless import harmless, harmless_quoted


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
