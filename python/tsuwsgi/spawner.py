"""The spawner: imports the application once and forks the workers, one generation of the code each.

    hello ─▶ ◀─ configure   listening ─▶ ◀─ load   import ─▶ loaded | failed   ◀─ fork   forked ─▶ … exited ─▶   ◀─ stop

The memory of the import is shared by all workers (copy-on-write), and a fork takes milliseconds where an import takes seconds. Python's
at-fork hooks run, since it is Python that forks.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import sys
import threading
from time import monotonic
from typing import Any, Callable, Dict, FrozenSet, List, NoReturn, Optional, Set

from tsuwsgi import attribution, fork_safety, limits, loader, loading, log, postbuffering, signals, surroundings
from tsuwsgi.api.module import install
from tsuwsgi.config import read_config
from tsuwsgi.control import ControlChannel, Message
from tsuwsgi.direct import listen
from tsuwsgi.doorkeeper import Doorkeeper
from tsuwsgi.errorpages import error_pages
from tsuwsgi.hooks import HookFailed
from tsuwsgi.logformat import compile_ahead
from tsuwsgi.mounts import Mounted
from tsuwsgi.procname import name_process
from tsuwsgi.responsehead import header_changes
from tsuwsgi.worker import Worker, WorkerPlace
from tsuwsgi.wsgi import Exchange


def main(control_path: str, generation: int) -> NoReturn:
    signals.shield()
    _buffer_lines()
    Spawner(control_path, generation).run()


def _buffer_lines() -> None:
    """print() and wsgi.errors appear line by line: on 3.8 and in a log file too, and no line in pieces, as PYTHONUNBUFFERED would have it."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, write_through=False)


class Spawner:
    def __init__(self, control_path: str, generation: int) -> None:
        self._control_path = control_path
        self._generation = generation
        self._control = ControlChannel.connect(control_path)
        # Workers that live: pid to seat.
        self._children: Dict[int, int] = {}
        # The worker ids that were there already.
        self._numbers: Set[int] = set()
        # Those that were open before the import, until the first worker is forked.
        self._descriptors: Optional[FrozenSet[int]] = None
        self._child_ended, self._child_ended_writer = os.pipe()

    def run(self) -> NoReturn:
        self._control.send(
            {
                "type": "hello",
                "role": "spawner",
                "generation": self._generation,
                "pid": os.getpid(),
                "python": ".".join(map(str, sys.version_info[:3])),
                "executable": sys.executable,
            }
        )
        message = self._control.receive()
        if message is None:
            self._end_as_orphan()
        self._config = read_config(message)
        error_pages.update(self._config.error_pages)
        postbuffering.prepare(self._config.post_buffering)
        Exchange.header_changes = header_changes(self._config.headers_added, self._config.headers_removed)
        Exchange.exception_rules = self._config.exceptions
        if self._config.log_attribution != "off":
            attribution.install(self._config.log_attribution)
        name_process(self._config.names, "spawner")
        self._module = install(self._config, self._generation)
        self._listeners = [listen(socket.socket(fileno=direct.fd), direct.name, self._config) for direct in self._config.direct_sockets]
        self._control.send({"type": "listening"})
        if not Doorkeeper(self._control, self._listeners).wait():
            self._end_as_orphan()
        # Whoever registers last is called first: the application has closed by then what it closes itself before a fork.
        os.register_at_fork(before=self._warn_before_fork)
        started = monotonic()
        descriptors = fork_safety.open_descriptors()
        with OrphanWatch(self._control, self._end_as_orphan):
            names = self._load()
            seconds = round(monotonic() - started, 3)
            self._warm_up()
            self._settle()
        self._descriptors = descriptors
        self._control.send({"type": "loaded", "seconds": seconds, "names": names, "times": self._times, "signals": self._module.signals.untold})
        self._fork_on_command()

    def _load(self) -> List[str]:
        """Imports the applications once for all workers, or leaves that to each of them. The names of their modules; '' for one that failed."""
        names = [loader.module_name(each.source) for each in self._config.applications]
        self._mounted: Optional[List[Mounted]] = None
        self._times: List[float] = []
        try:
            limits.set_limits(self._config)
            surroundings.prepare(self._config)
            self._module.share()
            if not self._config.lazy:
                self._mounted, self._times = loading.load_between_hooks(self._config)
                names = [name if each.is_loaded else "" for name, each in zip(names, self._mounted)]
        except HookFailed as error:
            self._fail(str(error), error.status)
        except (loader.LoadError, OSError, ValueError) as error:
            self._fail(str(error))
        return names

    def _warm_up(self) -> None:
        if self._mounted is None or not self._config.warmup.requests:
            return
        self._control.send({"type": "warming", "seconds": self._config.warmup.seconds})
        loading.warm_up(self._config, self._mounted)
        fork_safety.close_kept_connections()

    def _settle(self) -> None:
        """All that the workers share is there."""
        compile_ahead(self._config.request_log)
        # What exists now is never garbage: the collector would only touch, and so copy, the pages that the workers share.
        gc.collect()
        gc.freeze()

    def _warn_before_fork(self) -> None:
        """Of what the application has left behind, once; its own forks while it was imported do not count."""
        descriptors, self._descriptors = self._descriptors, None
        if descriptors is not None:
            warning = fork_safety.warning(descriptors, self._mounted is not None and bool(self._config.warmup.requests))
            if warning is not None:
                log.say(warning)

    def _fail(self, reason: str, status: int = loader.FAILED_STATUS) -> NoReturn:
        self._control.send({"type": "failed", "reason": reason, "status": status})
        _leave(status)

    def _fork_on_command(self) -> NoReturn:
        # Set only now: the application's own subprocesses during its import are not our business.
        self._signal_before = signal.signal(signal.SIGCHLD, self._note_child)
        poller = select.poll()
        poller.register(self._control.fileno(), select.POLLIN)
        poller.register(self._child_ended, select.POLLIN)
        os.set_blocking(self._child_ended, False)
        os.set_blocking(self._child_ended_writer, False)
        while True:
            if not self._control.has_message():
                ready = [fd for fd, _ in poller.poll()]
                if self._child_ended in ready:
                    os.read(self._child_ended, 4096)
                    self._reap()
                if self._control.fileno() not in ready:
                    continue
            self._act(self._control.receive())

    def _note_child(self, number: int, frame: Any) -> None:
        """A handler only wakes the loop, so that nothing is reported in the middle of another report."""
        try:
            os.write(self._child_ended_writer, b".")
        except BlockingIOError:
            pass  # the pipe is full of such notes already

    def _act(self, message: Optional[Message]) -> None:
        if message is None:
            self._end_as_orphan()
        if message["type"] == "stop":
            _leave(0)
        if message["type"] == "fork":
            self._fork(message["seat"], message["worker"])
        if message["type"] == "reopen-log":
            log.reopen(message["path"])

    def _end_as_orphan(self) -> NoReturn:
        """The master was killed. The workers notice it themselves; what it made for us all is left to us to remove."""
        directory = os.path.dirname(self._control_path)
        try:
            for name in os.listdir(directory):
                os.unlink(os.path.join(directory, name))
            os.rmdir(directory)
        except OSError:
            pass  # the spawner of another generation was faster
        _leave(0)

    def _fork(self, seat: int, number: int) -> None:
        log.flush()
        try:
            pid = os.fork()
        except OSError as error:
            # The master tries again with a new spawner, while the workers that are there serve on.
            limit = self._config.limit_processes
            why = f"; the user of the server may have limit-nproc = {limit} processes and threads" if limit else ""
            self._fail(f"a worker cannot be forked: {error.strerror}{why}", 1)
        if pid == 0:
            self._become_worker(WorkerPlace(self._generation, seat, number, is_first=number not in self._numbers))
        self._numbers.add(number)
        self._children[pid] = seat
        self._control.send({"type": "forked", "seat": seat, "pid": pid})

    def _become_worker(self, place: WorkerPlace) -> NoReturn:
        """In the child: whatever happens, control never returns into the spawner's loop."""
        try:
            signal.signal(signal.SIGCHLD, self._signal_before or signal.SIG_DFL)
            self._control.close()
            os.close(self._child_ended)
            os.close(self._child_ended_writer)
            Worker(self._config, place, self._listeners, self._module).run(self._control_path, self._mounted)
        except BaseException as error:
            log.show(error)
        finally:
            os._exit(1)

    def _reap(self) -> None:
        # Each by its pid: waiting for any child would steal the exit status of the application's own.
        for pid in list(self._children):
            found, status = os.waitpid(pid, os.WNOHANG)
            if found == 0:
                continue
            seat = self._children.pop(pid)
            is_killed = os.WIFSIGNALED(status)
            self._control.send(
                {
                    "type": "exited",
                    "seat": seat,
                    "pid": pid,
                    "status": None if is_killed else os.WEXITSTATUS(status),
                    "signal": os.WTERMSIG(status) if is_killed else None,
                }
            )


class OrphanWatch:
    """Notices the end of the master while the main thread imports the application, however long that takes.

    A thread of its own, which is over before the first fork: a process that forks should have one thread only.
    """

    def __init__(self, control: ControlChannel, end: Callable[[], None]) -> None:
        self._control = control
        self._end = end
        self._over, self._over_writer = os.pipe()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: Any) -> None:
        os.close(self._over_writer)
        self._thread.join()
        os.close(self._over)

    def _watch(self) -> None:
        poller = select.poll()
        poller.register(self._over, select.POLLIN)
        # Its end alone, which is always told: what the master says waits until the import is over.
        poller.register(self._control.fileno(), 0)
        if any(fd == self._control.fileno() for fd, _ in poller.poll()):
            self._end()


def _leave(status: int) -> NoReturn:
    """Without atexit: the application's handlers are for the workers, which run it."""
    log.flush()
    os._exit(status)
