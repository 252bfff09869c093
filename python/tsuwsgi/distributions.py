"""What a slot's requests were like: how many by method and class of status, how long they took, how large their bodies were.

It stands behind the slots' records in the scoreboard, 2560 bytes a slot, all u64 and only ever growing (src/core/stats/distributions.ts reads it):

       0  8 × 6    requests by method (METHODS, then all others) and class of status (0 for none of 1xx to 5xx)
     384  16       bodies of requests by size: up to 1, 4, 16, … 4^14 bytes, and larger
     512  16       those of responses
     640  2        bytes of the bodies of requests, and of responses
     656  1        signals of the module uwsgi that the worker has handled; in its first slot
     704  96       requests by time: below 64 µs, then four of the same width from each power of two to the next, the last one has no end
    1536  64 × 2   requests and exceptions of each application, by its number
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

if TYPE_CHECKING:
    from tsuwsgi.wsgi import Exchange

SIZE = 2560

METHODS = {"GET": 0, "HEAD": 1, "POST": 2, "PUT": 3, "DELETE": 4, "PATCH": 5, "OPTIONS": 6}
_OTHER_METHOD = 7
_CLASSES = 6
_RECEIVED, _SENT, _BYTES_RECEIVED, _BYTES_SENT, _SIGNALS, _TIMES, _APPLICATIONS = 48, 64, 80, 81, 82, 88, 192
_LAST_SIZE, _LAST_TIME = 15, 95
_MOST_APPLICATIONS = 64
# So many digits are no size of anything, and their sum would not fit.
_ABSURD = 16
# Where the figures of a method begin, and the class of a size by how many bits there are in the size less one.
_ROWS = {method: _CLASSES * number for method, number in METHODS.items()}
_OTHER_ROW = _CLASSES * _OTHER_METHOD
_CLASSES_BY_BITS = tuple(min((bits + 1) // 2, _LAST_SIZE) for bits in range(65))


class Distributions:
    """Those of one slot. Paid by every request: half a microsecond."""

    def __init__(self, longs: Any, offset: int) -> None:
        self._longs = longs[offset // 8 : (offset + SIZE) // 8]

    def count(self, exchange: Exchange, spent_us: int, declared: Optional[str]) -> None:
        """Counts a request that is over; `declared` is its CONTENT_LENGTH."""
        longs = self._longs
        status = exchange.status or 500
        longs[_ROWS.get(exchange.method, _OTHER_ROW) + (status // 100 if status < 600 else 0)] += 1
        if spent_us < 64:
            longs[_TIMES] += 1
        else:
            octave = spent_us.bit_length()
            longs[_TIMES + min(4 * (octave - 7) + (spent_us >> (octave - 3) & 3) + 1, _LAST_TIME)] += 1
        sent = exchange.body_size
        longs[_SENT + (_CLASSES_BY_BITS[(sent - 1).bit_length()] if sent > 1 else 0)] += 1
        longs[_BYTES_SENT] += sent
        if declared and declared.isdecimal() and len(declared) < _ABSURD:
            received = int(declared)
            longs[_RECEIVED + (_CLASSES_BY_BITS[(received - 1).bit_length()] if received > 1 else 0)] += 1
            longs[_BYTES_RECEIVED] += received
        else:
            longs[_RECEIVED] += 1
        app = exchange.app
        if 0 <= app < _MOST_APPLICATIONS:
            longs[_APPLICATIONS + 2 * app] += 1
            if exchange.has_failed:
                longs[_APPLICATIONS + 2 * app + 1] += 1

    def count_signal(self) -> None:
        """Counts one whose handler has run."""
        self._longs[_SIGNALS] += 1
