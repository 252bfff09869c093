"""Which request a thread runs, for those that are called by the application and are given nothing."""

from __future__ import annotations

from threading import get_ident
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, Optional, Tuple

if TYPE_CHECKING:
    from tsuwsgi.slot import Slot
    from tsuwsgi.wsgi import Environ, Exchange

# By the thread that each of them is.
_slots: Dict[int, Slot] = {}


def bind(slot: Slot) -> None:
    """The slot's thread is this one."""
    _slots[get_ident()] = slot


def forget() -> None:
    """This thread is no slot any more."""
    _slots.pop(get_ident(), None)


def slots() -> Iterable[Slot]:
    """Those of this process that run."""
    return list(_slots.values())


def own_slot() -> Optional[Slot]:
    """The slot that this thread is, without a guess for the application's own threads."""
    return _slots.get(get_ident())


def slot_of_this_thread() -> Optional[Slot]:
    """The slot that this thread is. With one slot there is no doubt whom another thread of the application works for: that one, as in uWSGI."""
    slot = _slots.get(get_ident())
    if slot is None and len(_slots) == 1:
        return next(iter(_slots.values()), None)
    return slot


def request_of_this_thread() -> Optional[Tuple[Exchange, Environ]]:
    """None where no request runs."""
    slot = slot_of_this_thread()
    return None if slot is None else slot.running


def shield(function: Callable[..., Any], *arguments: Any) -> Any:
    """Runs code of ours that harakiri must not cut in two, such as what holds a lock."""
    slot = _slots.get(get_ident())
    return function(*arguments) if slot is None else slot.interruption.shield(function, *arguments)
