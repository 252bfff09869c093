"""A cache that all workers share: a hash table of fixed size in a mapped file.

    set, update, delete …   lock ─▶ write where nobody looks ─▶ sequence is odd ─▶ change ─▶ sequence is even ─▶ unlock
    get                     sequence ─▶ look and copy ─▶ the same sequence, and even? ─▶ answer; else again with the lock

Readers wait for nobody, and what they copied while somebody wrote is thrown away. Whoever dies while writing leaves an odd sequence;
the next one that has the lock puts the table in order again.
"""

from __future__ import annotations

import os
from binascii import crc32
from itertools import count
from time import time
from typing import Any, Callable, List, Optional, Tuple

from tsuwsgi import running
from tsuwsgi.api import cache_layout as layout
from tsuwsgi.api.cache_config import Habits
from tsuwsgi.api.cache_file import CacheError, CacheFile
from tsuwsgi.api.cache_layout import BLOCKS, EXPIRES, NEXT_EXPIRY, SEQUENCE, Geometry
from tsuwsgi.api.cache_table import CacheTable, Full, Item, Record

# Other processors may read in another order than they are told to.
_READS_IN_ORDER = os.uname().machine in ("x86_64", "i686", "i386")
_MICROS = 1_000_000
_WORD = 1 << 64

_USUAL = Habits()


class CacheStore:
    """Keys and values are bytes. Times are whole seconds, 0 for ever; what has expired is not there."""

    def __init__(self, file: CacheFile, geometry: Geometry, habits: Habits = _USUAL) -> None:
        self._geometry = geometry
        self._habits = habits
        self._lock = file.lock
        self._table = CacheTable(file, geometry)
        self._words = self._table.words
        self._reads_freely = _READS_IN_ORDER and not habits.purges_oldest
        self._row = 0
        os.register_at_fork(after_in_child=self._forget_row)

    # Readers.

    def get(self, key: bytes) -> Optional[bytes]:
        """Counts as a hit or a miss."""
        value = self.peek(key)
        row = self._row or self._claim_row()
        if value is None:
            self._words[row + 1] = next(self._misses)
        else:
            self._words[row] = next(self._hits)
        return value

    def peek(self, key: bytes) -> Optional[bytes]:
        words, table = self._words, self._table
        before = words[SEQUENCE]
        if self._reads_freely and not before & 1:
            item = table.find(key)
            # Before the value is looked at: half a record leads anywhere.
            if words[SEQUENCE] == before:
                value = None if item is None or self._has_expired(item) else table.value(item.record)
                if words[SEQUENCE] == before:
                    return value
        return self._exclusively(self._read, key)

    def keys(self) -> List[bytes]:
        return self._exclusively(lambda: [self._table.key(item) for item in self._table.items() if not self._has_expired(item)])

    def _read(self, key: bytes) -> Optional[bytes]:
        item = self._find(key)
        if item is None:
            return None
        if self._habits.purges_oldest:
            self._change(self._table.make_newest, item)
        return self._table.value(item.record)

    def _find(self, key: bytes) -> Optional[Item]:
        item = self._table.find(key)
        return None if item is None or self._has_expired(item) else item

    def _has_expired(self, item: Item) -> bool:
        deadline = item.record[EXPIRES]
        return deadline != 0 and deadline <= time() * _MICROS

    def _claim_row(self) -> int:
        """The place where this process counts, and none beside it. What an earlier one has counted there stays."""
        row = layout.ROWS_AT // 8 + 2 * self._lock.claim_row(layout.ROWS)
        self._hits = count(self._words[row] + 1)
        self._misses = count(self._words[row + 1] + 1)
        self._row = row
        return row

    def _forget_row(self) -> None:
        """That of a parent is not ours."""
        self._row = 0

    # Writers. Full: there is no room. CacheError: this key or value can never have any.

    def set(self, key: bytes, value: bytes, expires: int = 0) -> bool:
        """False where there is such an item, which is left as it is."""
        return self._exclusively(self._set, key, value, expires)

    def update(self, key: bytes, value: bytes, expires: int = 0) -> None:
        """Puts an item in the place of what there is, if anything."""
        self._exclusively(self._put, key, value, self._deadline(expires))

    def calculate(self, key: bytes, of: Callable[[int], int], expires: int = 0) -> None:
        """Puts a number of 64 bits in the place of the one that is there, which keeps its time. Of what is none the first eight bytes are."""
        self._exclusively(self._calculate, key, of, expires)

    def delete(self, key: bytes) -> bool:
        """Whether there was such an item."""
        return self._exclusively(self._delete, key)

    def clear(self) -> None:
        self._exclusively(self._change, self._table.clear)

    def repair(self) -> None:
        """Takes over what another server has left, without what cannot be right."""
        self._exclusively(self._change, self._table.rebuild)

    def _exclusively(self, act: Callable[..., Any], *arguments: Any) -> Any:
        return running.shield(self._with_lock, act, arguments)

    def _with_lock(self, act: Callable[..., Any], arguments: Tuple[Any, ...]) -> Any:
        with self._lock:
            if self._words[SEQUENCE] & 1:
                # Somebody has died.
                self._table.rebuild()
                self._words[SEQUENCE] += 1
            return act(*arguments)

    def _change(self, act: Callable[..., Any], *arguments: Any) -> Any:
        """With the lock. An exception that nobody has foreseen leaves the sequence odd, as death does."""
        words = self._words
        words[SEQUENCE] += 1
        try:
            result = act(*arguments)
        except (Full, CacheError):
            words[SEQUENCE] += 1
            raise
        words[SEQUENCE] += 1
        return result

    def _set(self, key: bytes, value: bytes, expires: int) -> bool:
        if self._find(key) is not None:
            return False
        self._put(key, value, self._deadline(expires))
        return True

    def _calculate(self, key: bytes, of: Callable[[int], int], expires: int) -> None:
        item = self._find(key)
        if item is None:
            number, deadline = self._habits.first_number, self._deadline(expires)
        else:
            number, deadline = as_number(self._table.value(item.record)[:8]), item.record[EXPIRES]
        self._put(key, as_bytes(of(number)), deadline)

    def _delete(self, key: bytes) -> bool:
        item = self._table.find(key)
        if item is None:
            return False
        self._change(self._table.remove, item)
        return not self._has_expired(item)

    def _put(self, key: bytes, value: bytes, deadline: int) -> None:
        """The old item stays until the new one is written elsewhere, if there is room: so readers need not wait for that."""
        blocks, table = self._check(key, value), self._table
        item, first = table.find(key), self._room(key, blocks)
        if item is not None and item.record[BLOCKS] >= blocks and not (table.has_free_item and first is not None):
            return self._change(self._put_over, item, value, deadline)
        if first is None:
            first = self._change(self._make_room, key, blocks)
            item = table.find(key)
        if item is not None and not table.has_free_item:
            self._change(table.remove, item)
            item = None
        number = table.prepare(key, value, first)
        record = (crc32(key), 0, len(key), first, len(value), deadline, 0, 0, blocks, 0)
        return self._change(self._put_in, item, number, record)

    def _put_over(self, item: Item, value: bytes, deadline: int) -> None:
        self._table.rewrite(item, value, deadline)
        self._table.make_newest(item)
        self._note_change(deadline)

    def _put_in(self, before: Optional[Item], number: int, record: Record) -> None:
        if before is not None:
            self._table.remove(before)
        self._table.insert(number, record)
        self._note_change(record[EXPIRES])

    def _note_change(self, deadline: int) -> None:
        self._words[layout.CHANGED] = int(time())
        if deadline and deadline < (self._words[NEXT_EXPIRY] or _WORD):
            self._words[NEXT_EXPIRY] = deadline

    def _check(self, key: bytes, value: bytes) -> int:
        """How many blocks it takes."""
        size, blocks, longest = self._geometry.block_size, self._geometry.blocks, self._geometry.key_size
        if not 0 < len(key) <= longest:
            raise CacheError(f"a key has 1 to {longest} bytes, not {len(key)}")
        largest = size * blocks if self._habits.spans_blocks else size
        if not 0 < len(value) <= largest:
            raise CacheError(f"a value has 1 to {largest} bytes, not {len(value)}")
        return -(-len(value) // size)

    def _make_room(self, key: bytes, blocks: int) -> int:
        """The first of so many free blocks for an item of this key."""
        table = self._table
        first = self._room(key, blocks)
        if first is None and self._drop_expired():
            first = self._room(key, blocks)
        if first is None:
            self._words[layout.FULL] += 1
        if first is None and self._habits.clears_when_full:
            table.clear()
            first = self._room(key, blocks)
        while first is None and self._habits.purges_oldest and table.oldest:
            table.remove(table.item(table.oldest))
            first = self._room(key, blocks)
        if first is None:
            raise Full
        return first

    def _room(self, key: bytes, blocks: int) -> Optional[int]:
        table = self._table
        return table.free_blocks(blocks) if table.has_free_item or table.find(key) is not None else None

    def _drop_expired(self) -> bool:
        """Whether there were any. All items are looked at, but not before the first of them can have expired."""
        now, words = time() * _MICROS, self._words
        if not 0 < words[NEXT_EXPIRY] <= now:
            return False
        before = words[layout.COUNT]
        soonest = _WORD
        for item in list(self._table.items()):
            deadline = item.record[EXPIRES]
            if 0 < deadline <= now:
                self._table.remove(item)
            elif deadline:
                soonest = min(soonest, deadline)
        words[NEXT_EXPIRY] = soonest % _WORD
        return words[layout.COUNT] < before

    def _deadline(self, expires: int) -> int:
        """In µs since 1970."""
        return int((time() + expires) * _MICROS) if expires > 0 and not self._habits.never_expires else 0


def as_number(value: bytes) -> int:
    """A number of 64 bits with its sign; what is missing is 0."""
    return int.from_bytes(value, "little", signed=len(value) == 8)


def as_bytes(number: int) -> bytes:
    """What is too large goes round, as in C."""
    return (number % _WORD).to_bytes(8, "little")
