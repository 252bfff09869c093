"""What the module tells of the server and of this process, and what it asks the master for."""

from __future__ import annotations

import os
import stat
import time
from functools import cached_property
from operator import index
from typing import Any, Callable, Dict, NamedTuple, Optional, Sequence, Tuple

from tsuwsgi import log, procname, running
from tsuwsgi.api.answer import AwaitedAnswer
from tsuwsgi.config import Config
from tsuwsgi.control import ControlChannel, Message
from tsuwsgi.memory import own_memory
from tsuwsgi.peer import backlog_of
from tsuwsgi.scoreboard import Scoreboard

_LOG = 2
# uWSGI's dict of a worker that is not there yet.
_NOBODY = {
    **dict.fromkeys(("id", "pid", "requests", "delta_requests", "signals", "exceptions"), 0),
    "status": b"idle",
    **dict.fromkeys(("rss", "vsz", "running_time", "last_spawn", "respawn_count", "tx", "avg_rt"), 0),
    "apps": (),
}
_APP_KEYS = ("id", "modifier1", "mountpoint", "startup_time", "requests", "exceptions", "chdir")


class WorkerLink(NamedTuple):
    """The worker that the module has got into."""

    number: int
    control: ControlChannel


class ProcessFunctions:
    """In the spawner there is no worker: its id is 0, as in uWSGI's master, and nobody can be asked for anything."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._worker: Optional[WorkerLink] = None
        self._workers = AwaitedAnswer()

    def enter(self, worker: WorkerLink) -> None:
        """This process has become a worker."""
        self._worker = worker

    def hear(self, message: Message) -> None:
        """The master has answered."""
        self._workers.give(message)

    def functions(self) -> Sequence[Callable[..., Any]]:
        return (
            *(self.masterpid, self.worker_id, self.mule_id, self.workers, self.total_requests, self.request_id),
            *(self.mem, self.logsize, self.micros, self.log, self.setprocname),
            *(self.reload, self.stop, self.ready, self.accepting, self.listen_queue, self.alarm),
            *(self.i_am_the_spooler, self.i_am_the_lord, self.lord_scroll, self.scrolls, self.in_farm),
        )

    def masterpid(self) -> int:
        """0 without a master, which is how applications find out."""
        return self._config.master_pid

    def worker_id(self) -> int:
        """From 1 on; 0 where the application is imported before the fork."""
        return self._worker.number if self._worker is not None else 0

    def mule_id(self) -> int:
        """There are no mules."""
        return 0

    def i_am_the_spooler(self) -> None:
        """There is no spooler."""

    def workers(self) -> Tuple[Dict[str, Any], ...]:
        """All workers, as the statistics have them. The master is asked for them, so this takes a moment; OSError where it does not answer."""
        if self._worker is None:
            return tuple(dict(_NOBODY) for _ in range(self._config.processes))
        return tuple(map(_as_uwsgi_has_it, self._ask_for_workers()["workers"]))

    def server_metrics(self) -> Dict[str, Dict[str, Any]]:
        """Those of the statistics: what the server counts among them. None where nobody can be asked."""
        return self._ask_for_workers()["metrics"] if self._worker is not None else {}

    def _ask_for_workers(self) -> Message:
        control = self._worker.control
        return running.shield(self._workers.ask, lambda: control.send({"type": "workers"}))

    def total_requests(self) -> int:
        """Requests that all workers have completed."""
        return self._board.total()

    def request_id(self) -> int:
        """Requests that this worker has completed."""
        return sum(slot.record.served for slot in running.slots())

    @cached_property
    def _board(self) -> Scoreboard:
        return Scoreboard(self._config.scoreboard_path)

    def mem(self) -> Tuple[int, int]:
        """Bytes that this process holds, and of its address space; zeros where the system does not tell."""
        return tuple(own_memory())

    def logsize(self) -> int:
        """Bytes of the log file; 0 where the log is none."""
        found = os.fstat(_LOG)
        return found.st_size if stat.S_ISREG(found.st_mode) else 0

    def micros(self) -> int:
        """Microseconds since 1970."""
        return time.time_ns() // 1000

    def log(self, text: str) -> bool:
        """A line in the server's log, without a date."""
        log.pass_on(_text("log", text))
        return True

    def setprocname(self, name: str) -> None:
        """What ps and top call this process."""
        procname.show(os.fsencode(_text("setprocname", name)))

    def reload(self) -> bool:
        """Asks the master to load the code anew; this worker serves on until the new ones do."""
        return self._ask_master("reload")

    def stop(self) -> bool:
        """Asks the master to end the server; what runs is finished, the request that asks included."""
        return self._ask_master("stop")

    def _ask_master(self, what: str) -> bool:
        worker = self._worker
        if worker is None:
            raise RuntimeError(f"uwsgi.{what}() is for workers: here the application is only imported")
        running.shield(worker.control.send, {"type": what, "because": f"worker {worker.number} (uwsgi.{what}())"})
        return True

    def ready(self) -> Optional[bool]:
        """The server finds out by itself when a worker is ready: once it has imported the application."""
        return True if self._worker is not None else None

    def accepting(self, is_accepting: int = 1) -> None:
        """A worker accepts when the master tells it to, which needs no word from the application."""
        index(is_accepting)

    def listen_queue(self, number: int = 0) -> int:
        """How many wait at an address: connections at the uwsgi sockets, in their order, then the requests in the gateway's queue."""
        direct = self._config.direct_sockets
        if 0 <= index(number) < len(direct):
            return backlog_of(direct[number].fd)
        if number != len(direct) or not self._config.gateway_sockets:
            raise ValueError(f"unable to find socket {number}")
        return self._ask_for_workers()["queued"] if self._worker is not None else 0

    def alarm(self, name: str, message: str) -> None:
        """Alarms are lines of the log here."""
        log.say(f"alarm {_text('alarm', name)}: {_text('alarm', message)}")

    def i_am_the_lord(self, legion: str) -> bool:
        """There is no legion to be the lord of."""
        _text("i_am_the_lord", legion)
        return False

    def lord_scroll(self, legion: str) -> None:
        """No lord, no scroll."""
        _text("lord_scroll", legion)

    def scrolls(self, legion: str) -> None:
        """None either."""
        _text("scrolls", legion)

    def in_farm(self, name: str = "") -> None:
        """There are no farms."""
        _text("in_farm", name)


def _as_uwsgi_has_it(worker: Dict[str, Any]) -> Dict[str, Any]:
    """From the statistics, where texts are str and the first start of a worker counts as well."""
    shown = {key: worker[key] for key in _NOBODY if key in worker}
    return {
        **shown,
        "status": worker["status"].encode(),
        "respawn_count": max(0, worker["respawn_count"] - 1),
        "apps": tuple({key: _text_as_bytes(app[key]) for key in _APP_KEYS} for app in worker["apps"]),
    }


def _text(function: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{function}() takes a str, not {type(value).__name__}")
    return value


def _text_as_bytes(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else value
