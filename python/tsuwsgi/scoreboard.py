"""The scoreboard: a file of shared memory in which every slot keeps its own record; the master and the gateway read it.

    0            "TSUS", u32 version, u32 slots, u32 slots used so far, from the first on
    64           u64 a slot: requests completed
    64 + 8n ↑64  256 bytes a slot:

      0 u32 state │ 4 u32 request id │ 8 u64 start, µs │ 16 u64 exceptions │ 24 u64 bytes sent │ 32 u64 running time, µs
     40 u64 write errors │ 48 u64 read errors │ 56 u64 average response time, µs │ 64 u16 size, then up to 186 bytes of "GET /path"
    252 u32 how long the request may run, ms; 0: as long as harakiri says

     …           2560 bytes a slot: distributions.py

All little-endian. One writer a record, so no lock. Readers look at the state first: it is written last when a request starts.
"""

from __future__ import annotations

import mmap
import os
import struct
import sys

from tsuwsgi.distributions import SIZE as _DISTRIBUTIONS_SIZE, Distributions

VERSION = 3
EMPTY, IDLE, BUSY = 0, 1, 2

_MAGIC = b"TSUS"
_HEAD_SIZE = 64
_RECORD_SIZE = 256
_USED_WORD = 3
_LABEL_SIZE = 186
_LABEL_AT = 64
_LIMIT_WORD = 63
_LONGEST = 0xFFFFFFFF
# The label, and that the request has no deadline of its own.
_pack_label = struct.Struct(f"<H{_LABEL_SIZE}sI").pack_into

# Places in a record, counted in u64.
_START, _EXCEPTIONS, _BYTES, _RUNNING, _WRITE_ERRORS, _READ_ERRORS, _AVERAGE = range(1, 8)


class Scoreboard:
    def __init__(self, path: str) -> None:
        # Words are written as native integers, each by one store: a reader never sees half of one.
        if sys.byteorder != "little":
            raise RuntimeError("tsuwsgi runs on little-endian machines only")
        fd = os.open(path, os.O_RDWR)
        try:
            self.memory = mmap.mmap(fd, 0)
        finally:
            os.close(fd)
        magic, version, slots = struct.unpack_from("<4sII", self.memory)
        if magic != _MAGIC or version != VERSION:
            raise RuntimeError(f"{path} is not a scoreboard of this server")
        view = memoryview(self.memory)
        self.words = view.cast("I")
        self.longs = view.cast("Q")
        self.completed = self.longs[_HEAD_SIZE // 8 : _HEAD_SIZE // 8 + slots]
        self._records_at = (_HEAD_SIZE + 8 * slots + 63) // 64 * 64

    def record(self, slot: int) -> SlotRecord:
        return SlotRecord(self, slot, self._records_at + slot * _RECORD_SIZE)

    def distributions(self, slot: int) -> Distributions:
        """What the requests of a slot were like. Counters go on, as in the record."""
        records_end = self._records_at + len(self.completed) * _RECORD_SIZE
        return Distributions(self.longs, records_end + slot * _DISTRIBUTIONS_SIZE)

    def total(self) -> int:
        """Requests that the whole server has completed."""
        return sum(self.completed[: self.words[_USED_WORD]])


class SlotRecord:
    """The place of one slot. Counters go on from the slot's earlier owners: they are never reset."""

    def __init__(self, board: Scoreboard, slot: int, offset: int) -> None:
        self._memory = board.memory
        self._words = board.words
        self._longs = board.longs
        self._completed = board.completed
        self._slot = slot
        self._word = offset // 4
        self._long = offset // 8
        self._label = offset + _LABEL_AT
        self._completed_before = self._completed[slot]
        self.distributions = board.distributions(slot)

    @property
    def is_busy(self) -> bool:
        return self._words[self._word] == BUSY

    @property
    def served(self) -> int:
        """Requests that were completed here since this owner came."""
        return self._completed[self._slot] - self._completed_before

    def is_running(self, start: int) -> bool:
        """Whether the request that began then, by the microsecond, still runs."""
        return self._longs[self._long + _START] == start and self._words[self._word] == BUSY

    def rest(self) -> None:
        self._words[self._word] = IDLE

    def leave(self) -> None:
        self._words[self._word] = EMPTY

    def begin(self, request_id: int, now_us: int, label: bytes) -> None:
        # The state is last: "busy" with the start of an earlier request would look like one that hangs.
        self._longs[self._long + _START] = now_us
        self._words[self._word + 1] = request_id
        _pack_label(self._memory, self._label, min(len(label), _LABEL_SIZE), label, 0)
        self._words[self._word] = BUSY

    def limit(self, milliseconds: int) -> None:
        """The running request may take so long, counted from its start; 0: as long as harakiri says."""
        self._words[self._word + _LIMIT_WORD] = min(milliseconds, _LONGEST)

    def end(self, spent_us: int, sent: int) -> None:
        """Counts a request."""
        longs, base = self._longs, self._long
        self._words[self._word] = IDLE
        longs[base + _BYTES] += sent
        longs[base + _RUNNING] += spent_us
        longs[base + _AVERAGE] = (longs[base + _AVERAGE] + spent_us) // 2
        self._completed[self._slot] += 1

    def count_exception(self) -> None:
        self._longs[self._long + _EXCEPTIONS] += 1

    def count_write_error(self) -> None:
        self._longs[self._long + _WRITE_ERRORS] += 1

    def count_read_error(self) -> None:
        self._longs[self._long + _READ_ERRORS] += 1
