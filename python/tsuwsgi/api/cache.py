"""uWSGI's cache_*: caches that all workers share and that outlive reloads, with uWSGI's arguments, results and exceptions."""

from __future__ import annotations

from time import monotonic
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence

from tsuwsgi import log
from tsuwsgi.api.cache_config import CacheConfig, FirstItem, Shared
from tsuwsgi.api.cache_file import CacheError, open_cache_file
from tsuwsgi.api.cache_store import CacheStore, as_number
from tsuwsgi.api.cache_table import Full
from tsuwsgi.api.numbers import divide, number_of
from tsuwsgi.texts import Text, encoded

# Between two lines about the same cache.
_SECONDS_BETWEEN_WARNINGS = 60.0


class _Open(NamedTuple):
    """A cache that is there."""

    config: CacheConfig
    store: CacheStore


class Caches:
    """Until `open` there are none. Results are uWSGI's: True for what was done, None for what was not, whatever the reason."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._caches: Dict[str, _Open] = {}
        self._warned: Dict[str, float] = {}

    def open(self) -> None:
        """In the spawner, before the application is imported. Raises CacheError."""
        for config in self._shared.caches:
            self._caches[config.name] = _Open(config, _open_store(config))
        for item in self._shared.first_items:
            self._keep_first(item)

    def functions(self) -> Sequence[Callable[..., Any]]:
        return (
            *(self.cache_get, self.cache_set, self.cache_update, self.cache_del, self.cache_exists, self.cache_clear),
            *(self.cache_inc, self.cache_dec, self.cache_mul, self.cache_div, self.cache_num, self.cache_keys),
        )

    def cache_get(self, key: Text, cache: str = "", /) -> Optional[bytes]:
        found = self._named(cache)
        return None if found is None else found.store.get(encoded(key))

    def cache_exists(self, key: Text, cache: str = "", /) -> Optional[bool]:
        found = self._named(cache)
        return True if found is not None and found.store.peek(encoded(key)) is not None else None

    def cache_set(self, key: Text, value: Text, expires: int = 0, cache: str = "", /) -> Optional[bool]:
        """None where there is such an item: cache_update replaces it."""
        return self._write(cache, CacheStore.set, (encoded(key), encoded(value), number_of(expires)))

    def cache_update(self, key: Text, value: Text, expires: int = 0, cache: str = "", /) -> Optional[bool]:
        return self._write(cache, CacheStore.update, (encoded(key), encoded(value), number_of(expires)))

    def cache_del(self, key: Text, cache: str = "", /) -> Optional[bool]:
        return self._write(cache, CacheStore.delete, (encoded(key),))

    def cache_clear(self, cache: str = "", /) -> Optional[bool]:
        return self._write(cache, CacheStore.clear, ())

    def cache_inc(self, key: Text, by: int = 1, expires: int = 0, cache: str = "", /) -> Optional[bool]:
        amount = number_of(by)
        return self._write(cache, CacheStore.calculate, (encoded(key), lambda number: number + amount, number_of(expires)))

    def cache_dec(self, key: Text, by: int = 1, expires: int = 0, cache: str = "", /) -> Optional[bool]:
        amount = number_of(by)
        return self._write(cache, CacheStore.calculate, (encoded(key), lambda number: number - amount, number_of(expires)))

    def cache_mul(self, key: Text, by: int = 2, expires: int = 0, cache: str = "", /) -> Optional[bool]:
        amount = number_of(by)
        return self._write(cache, CacheStore.calculate, (encoded(key), lambda number: number * amount, number_of(expires)))

    def cache_div(self, key: Text, by: int = 2, expires: int = 0, cache: str = "", /) -> Optional[bool]:
        """By 0 it is 0."""
        amount = number_of(by)
        return self._write(cache, CacheStore.calculate, (encoded(key), lambda number: divide(number, amount), number_of(expires)))

    def cache_num(self, key: Text, cache: str = "", /) -> int:
        """The number that one of the four above has left; 0 where there is none."""
        found = self._named(cache)
        value = None if found is None else found.store.get(encoded(key))
        return as_number(value) if value is not None and len(value) == 8 else 0

    def cache_keys(self, cache: str = "", /) -> List[bytes]:
        """In no order. ValueError where there is no such cache."""
        found = self._named(cache)
        if found is None:
            raise ValueError("no local uWSGI cache available")
        return found.store.keys()

    def _named(self, name: str) -> Optional[_Open]:
        """Without a name the first one, as in uWSGI."""
        if not isinstance(name, str):
            raise TypeError(f"the name of a cache is a str, not {type(name).__name__}")
        if "@" in name:
            raise ValueError(f"{name!r}: there are no caches of other servers; all workers of this one share {name.partition('@')[0]!r}")
        return self._caches.get(name) if name else next(iter(self._caches.values()), None)

    def _write(self, name: str, act: Callable[..., Any], arguments: Sequence[Any]) -> Optional[bool]:
        found = self._named(name)
        if found is None:
            return None
        try:
            return None if act(found.store, *arguments) is False else True
        except Full as error:
            self._warn(found, str(error))
        except CacheError:
            pass  # a key or a value that can have no room, which uWSGI does not tell either
        return None

    def _warn(self, found: _Open, reason: str) -> None:
        config, now = found.config, monotonic()
        if config.is_quiet or now - self._warned.get(config.name, -_SECONDS_BETWEEN_WARNINGS) < _SECONDS_BETWEEN_WARNINGS:
            return
        self._warned[config.name] = now
        remedy = "more items or blocks, or purge_lru=1, would make room" if not reason else "its file has no room for more"
        log.say(f'cache "{config.name}" is full{reason and ": " + reason}; {remedy}')

    def _keep_first(self, item: FirstItem) -> None:
        found = self._named(item.cache or "")
        if found is None:
            raise CacheError(f'there is no cache "{item.cache}" for {item.key}: declare it with cache2')
        try:
            found.store.update(encoded(item.key), _content(item))
        except (OSError, Full, CacheError) as error:
            log.say(f'cache "{found.config.name}": {item.key} is not in it: {error or "it is full"}')


def _open_store(config: CacheConfig) -> CacheStore:
    try:
        store = CacheStore(open_cache_file(config.path, config.geometry, config.replaces), config.geometry, config.habits)
    except (OSError, CacheError) as error:
        raise CacheError(f'cache2 "{config.name}" cannot be had: {error}') from None
    if config.is_kept:
        store.repair()
    return store


def _content(item: FirstItem) -> bytes:
    if item.path is None:
        return encoded(item.value or "")
    with open(item.path, "rb") as file:
        return file.read()
