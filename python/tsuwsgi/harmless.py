"""What clients and applications say, as text that stays in its place in a log: no line ends, no colour changes and no field closes early.

Its twin is src/core/log/harmless.ts; both have the same tests. Texts are latin-1 unless said otherwise: one character for
each byte, as they came and as they go.
"""

from __future__ import annotations

import re
from typing import Match

# A character of UTF-8 above ASCII, or any other byte that is not printable.
_ODD = re.compile(
    "[\xc2-\xdf][\x80-\xbf]"
    "|\xe0[\xa0-\xbf][\x80-\xbf]"
    "|[\xe1-\xec\xee\xef][\x80-\xbf]{2}"
    "|\xed[\x80-\x9f][\x80-\xbf]"
    "|\xf0[\x90-\xbf][\x80-\xbf]{2}"
    "|[\xf1-\xf3][\x80-\xbf]{3}"
    "|\xf4[\x80-\x8f][\x80-\xbf]{2}"
    "|[\\x00-\x1f\x7f-\xff]"
)
# C0 and C1 controls, which terminals obey, and Unicode's own line ends.
_CONTROL = re.compile("[\\x00-\x1f\x7f-\x9f\u2028\u2029]")
_QUOTED = re.compile(r'["\\]')
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def harmless(text: str) -> str:
    # Nearly all of it is.
    return text if text.isascii() and text.isprintable() else _ODD.sub(_show, text)


def harmless_quoted(text: str) -> str:
    """The same for what stands between double quotes."""
    return harmless(_QUOTED.sub(r"\\\g<0>", text))


def harmless_text(text: str) -> str:
    """The same for text that is no bytes: one character for each."""
    return text if text.isprintable() else _CONTROL.sub(lambda match: _number(match.group()), text)


def decoded(text: str) -> str:
    """For JSON, which escapes by itself: Unicode, where the bytes are UTF-8; otherwise what is not is shown by its number."""
    data = text.encode("latin-1", "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return harmless(text).encode("latin-1", "replace").decode()


def _show(match: Match[str]) -> str:
    found = match.group()
    character = found.encode("latin-1").decode() if len(found) > 1 else found
    return found if len(found) > 1 and not _CONTROL.match(character) else _number(character)


def _number(character: str) -> str:
    return _SHORT.get(character) or f"\\u{ord(character):04x}"
