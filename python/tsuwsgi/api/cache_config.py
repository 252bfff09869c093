"""What the master tells of caches and metrics, as typed values."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Optional, Sequence

from tsuwsgi.api.cache_layout import Geometry


class Habits(NamedTuple):
    """What a cache does, beside its sizes."""

    # Values may take several blocks.
    spans_blocks: bool = False
    # When it is full: the item that was not used for longest gives way, or all of them do.
    purges_oldest: bool = False
    clears_when_full: bool = False
    never_expires: bool = False
    # What a number is counted from.
    first_number: int = 0


class CacheConfig(NamedTuple):
    """A cache of the configuration and the file that it is."""

    name: str
    path: str
    geometry: Geometry
    habits: Habits
    # Its file is of a server before this one, maybe; where it has other sizes, it is made anew or refused.
    is_kept: bool
    replaces: bool
    # Nothing is said when it is full.
    is_quiet: bool


class FirstItem(NamedTuple):
    """An item that is there from the start: a text, or the content of a file. Without a name it is for the first cache."""

    cache: Optional[str]
    key: str
    value: Optional[str]
    path: Optional[str]


class MetricConfig(NamedTuple):
    name: str
    initial: int


class Shared(NamedTuple):
    """What all workers have in common, of every generation."""

    caches: Sequence[CacheConfig]
    first_items: Sequence[FirstItem]
    # The file of the metrics; none where they are not enabled.
    metrics_path: Optional[str]
    metrics: Sequence[MetricConfig]


def read_shared(message: Mapping[str, Any]) -> Shared:
    metrics = message["metrics"]
    return Shared(
        caches=[_read_cache(each) for each in message["caches"]],
        first_items=[FirstItem(each["cache"], each["key"], each.get("value"), each.get("path")) for each in message["firstItems"]],
        metrics_path=None if metrics is None else metrics["path"],
        metrics=[] if metrics is None else [MetricConfig(each["name"], each["initial"]) for each in metrics["declared"]],
    )


def _read_cache(message: Mapping[str, Any]) -> CacheConfig:
    return CacheConfig(
        name=message["name"],
        path=message["path"],
        geometry=Geometry(message["items"], message["blocks"], message["blockSize"], message["keySize"], message["buckets"]),
        habits=Habits(
            spans_blocks=message["spansBlocks"],
            purges_oldest=message["whenFull"] == "purge",
            clears_when_full=message["whenFull"] == "clear",
            never_expires=message["neverExpires"],
            first_number=message["firstNumber"],
        ),
        is_kept=message["isKept"],
        replaces=message["replaces"],
        is_quiet=message["isQuiet"],
    )
