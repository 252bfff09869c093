"""Functions that an application calls by name: `uwsgi.rpc`. Only within a process: nobody calls them from outside."""

from __future__ import annotations

from typing import Any, Callable, Dict, Optional, Sequence, Tuple, Union

from tsuwsgi import log
from tsuwsgi.api.absent import Absence, absent

_REMOTE = Absence(NotImplementedError, "functions of other servers cannot be called", "call them over HTTP")


class Rpc:
    """What is registered before the fork is there in all workers; later, in the one that does it."""

    def __init__(self) -> None:
        self._functions: Dict[bytes, Callable[..., Any]] = {}

    def functions(self) -> Sequence[Callable[..., Any]]:
        return (self.register_rpc, self.rpc, self.call, self.rpc_list)

    def register_rpc(self, name: str, function: Callable[..., Any], arguments: int = 0) -> bool:
        """Gives a function a name. How many arguments it takes is its own business, as in uWSGI."""
        if not isinstance(name, str):
            raise TypeError(f"register_rpc() takes the name as a str, not {type(name).__name__}")
        if not callable(function):
            raise TypeError(f"register_rpc() takes a function, not {type(function).__name__}")
        self._functions[name.encode()] = function
        return True

    def rpc(self, node: Union[str, bytes, None], name: bytes, *arguments: bytes) -> Optional[bytes]:
        """Calls a function of this process: the node is None or empty."""
        if node:
            raise absent("rpc", _REMOTE)
        return self.call(name, *arguments)

    def call(self, name: bytes, *arguments: bytes) -> Optional[bytes]:
        """What the function gives; None where it gives no bytes or none at all, where it fails, and where there is none of this name."""
        if not all(isinstance(each, bytes) for each in (name, *arguments)):
            raise ValueError("unable to call rpc function: its name and its arguments must be bytes")
        function = self._functions.get(name)
        if function is None:
            return None
        try:
            found = function(*arguments)
        except Exception as error:
            log.show(error)
            return None
        return found if isinstance(found, bytes) and found else None

    def rpc_list(self) -> Tuple[bytes, ...]:
        return tuple(self._functions)
