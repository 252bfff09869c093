"""What the application wants called, as attributes that it has set on the module."""

from __future__ import annotations

from typing import Any, Dict

from tsuwsgi import log
from tsuwsgi.api.module import uwsgi
from tsuwsgi.interruption import HarakiriTimeout
from tsuwsgi.wsgi import Exchange

# Looked into after each request: nothing is cheaper.
attributes: Dict[str, Any] = vars(uwsgi)

AFTER_REQUEST = "after_req_hook"


class PostForkHook:
    """Called once in each worker: right after the fork, or once a worker has imported the application that sets it."""

    def __init__(self) -> None:
        self._was_called = False

    def call(self) -> None:
        if not self._was_called:
            self._was_called = _call("post_fork_hook")


def at_exit() -> None:
    _call("atexit")


def after_request(exchange: Exchange) -> None:
    """The client has its answer; the deadline of the request holds for this as well."""
    try:
        hook = attributes.get(AFTER_REQUEST)
        if callable(hook):
            exchange.interruption.run(hook)
    except HarakiriTimeout:
        exchange.interruption.close()
        log.say(f"{exchange.method} {exchange.uri}: {AFTER_REQUEST} was ended by harakiri; its worker serves on")
    except BaseException as error:
        log.show(error)


def _call(name: str) -> bool:
    """Whether there is such a hook. What goes wrong in it is shown, and changes nothing else."""
    hook = attributes.get(name)
    if not callable(hook):
        return False
    try:
        hook()
    except BaseException as error:
        log.show(error)
    return True
