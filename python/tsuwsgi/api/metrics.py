"""uWSGI's metric_*: numbers with names that all workers share, and some that the server counts itself."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, Mapping, Optional, Sequence

from tsuwsgi.api.cache_config import Shared
from tsuwsgi.api.cache_file import CacheError, open_cache_file
from tsuwsgi.api.cache_layout import Geometry
from tsuwsgi.api.cache_store import CacheStore, as_bytes, as_number
from tsuwsgi.api.numbers import divide, number_of

# The twin is src/core/stats/shared-table.ts, which reads names and numbers. There is room for those that a reload brings.
GEOMETRY = Geometry(items=1024, blocks=1024, block_size=8, key_size=256, buckets=1024)

# Those of the statistics, by their names.
OfServer = Callable[[], Mapping[str, Mapping[str, Any]]]

_COUNTED = re.compile(r"(core|worker|socket)\..*")
# Those that uWSGI has as well, and which nobody counts here.
_NOT_COUNTED = re.compile(
    r"core\.(routed_signals|unrouted_signals|overloaded)|worker\.0\.(?!requests$)\w+"
    r"|worker\.\d+\.core\.\d+\.((routed|static|offloaded)_requests|exceptions)|rss_size|vsz_size"
)


class Metrics:
    """Until `open` there are none, and without `metric` and `enable-metrics` never any: then nothing is done, and all are 0."""

    def __init__(self, shared: Shared, of_server: OfServer) -> None:
        self._shared = shared
        self._of_server = of_server
        self._store: Optional[CacheStore] = None
        self._names: Dict[str, bytes] = {}

    def open(self) -> None:
        """In the spawner, before the application is imported. What a reload finds goes on. Raises CacheError."""
        path = self._shared.metrics_path
        if path is None:
            return
        try:
            self._store = CacheStore(open_cache_file(path, GEOMETRY), GEOMETRY)
        except OSError as error:
            raise CacheError(f"the metrics cannot be had: {error}") from None
        for name, initial in self._shared.metrics:
            self._names[name] = name.encode()
            self._store.set(self._names[name], as_bytes(initial))

    def functions(self) -> Sequence[Callable[..., Any]]:
        return (
            *(self.metric_get, self.metric_set, self.metric_inc, self.metric_dec, self.metric_mul, self.metric_div),
            *(self.metric_set_max, self.metric_set_min),
        )

    def metric_get(self, name: str, /) -> int:
        """0 for a name that there is not, as in uWSGI. Those that the server counts are asked of the master, which takes a moment.

        ValueError for one that uWSGI would count and this server does not.
        """
        store = self._store
        if _checked(name) in self._names and store is not None:
            return as_number(store.peek(self._names[name]) or b"")
        return 0 if store is None else self._count(name)

    def metric_set(self, name: str, value: int = 1, /) -> Optional[bool]:
        number = number_of(value)
        return self._change(name, lambda _: number)

    def metric_inc(self, name: str, by: int = 1, /) -> Optional[bool]:
        number = number_of(by)
        return self._change(name, lambda value: value + number)

    def metric_dec(self, name: str, by: int = 1, /) -> Optional[bool]:
        number = number_of(by)
        return self._change(name, lambda value: value - number)

    def metric_mul(self, name: str, by: int = 1, /) -> Optional[bool]:
        number = number_of(by)
        return self._change(name, lambda value: value * number)

    def metric_div(self, name: str, by: int = 1, /) -> Optional[bool]:
        """Nothing by 0."""
        number = number_of(by)
        return self._change(name, lambda value: divide(value, number)) if number else None

    def metric_set_max(self, name: str, value: int = 1, /) -> Optional[bool]:
        """Sets what is less."""
        number = number_of(value)
        return self._change(name, lambda before: max(before, number))

    def metric_set_min(self, name: str, value: int = 1, /) -> Optional[bool]:
        """Sets what is more; a value below 1 changes nothing, as in uWSGI."""
        number = number_of(value)
        return self._change(name, lambda before: min(before, number) if number > 0 else before)

    def _change(self, name: str, of: Callable[[int], int]) -> Optional[bool]:
        """None for one that there is not, and for those that the server counts."""
        if _checked(name) not in self._names or self._store is None:
            return None
        self._store.calculate(self._names[name], of)
        return True

    def _count(self, name: str) -> int:
        metric = self._of_server().get(name) if _COUNTED.fullmatch(name) else None
        if metric is not None:
            return metric["value"]
        if _NOT_COUNTED.fullmatch(name):
            raise ValueError(f"the metric {name!r} of uWSGI is not counted here")
        return 0


def _checked(name: Any) -> str:
    if not isinstance(name, str):
        raise TypeError(f"the name of a metric is a str, not {type(name).__name__}")
    return name
