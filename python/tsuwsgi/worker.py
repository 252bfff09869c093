"""The body of one worker process; the master's view of it is src/core/workers.

    hello ─▶ (import, with lazy-apps) ─▶ ready ─▶ serve: the slots run ─▶ retire: they end ─▶ atexit, exit

The main thread is slot 0, as in uWSGI. A control thread waits for the master's words, so that they are heard whatever the application
does with signals or with its main thread.
"""

from __future__ import annotations

import atexit
import os
import threading
from itertools import count
from time import monotonic, sleep
from typing import Callable, List, NamedTuple, NoReturn, Optional, Sequence, Set

from tsuwsgi import attribution, autoreload, hooks, loader, loading, log, signals
from tsuwsgi.api import hooks as module_hooks
from tsuwsgi.api.module import Installed
from tsuwsgi.api.process import WorkerLink
from tsuwsgi.config import Config
from tsuwsgi.control import ControlChannel, Message
from tsuwsgi.direct import Listener
from tsuwsgi.environs import describe_running
from tsuwsgi.hooks import HookFailed
from tsuwsgi.lifetime import SERVING, Lifetime
from tsuwsgi.limits import watch_memory
from tsuwsgi.linebuffers import LineBuffers
from tsuwsgi.logwatch import LogWatch
from tsuwsgi.mounts import Mounted, Mounts
from tsuwsgi.procname import name_process
from tsuwsgi.reports import Reports
from tsuwsgi.scoreboard import Scoreboard
from tsuwsgi.slot import Slot, SlotContext, SlotPlace
from tsuwsgi.stacks import describe_threads
from tsuwsgi.wsgi import Exchange

_ORPHAN_CHECK_SECONDS = 0.02
# Threads that the application left behind may finish what they do, but not hang the exit.
_THREADS_SECONDS = 5.0
# What Python asks for at least (threading.stack_size).
_LEAST_STACK = 32768


class WorkerPlace(NamedTuple):
    """Who this worker is: `seat` is its first slot in the scoreboard, `number` uWSGI's worker id, whose first bearer in its generation `is_first`."""

    generation: int
    seat: int
    number: int
    is_first: bool = True


class Worker:
    def __init__(self, config: Config, place: WorkerPlace, listeners: Sequence[Listener], module: Installed) -> None:
        self._config = config
        self._place = place
        self._listeners = listeners
        self._module = module
        self._lifetime = Lifetime()
        self._serve = threading.Event()
        self._numbers = count(1)
        self._has_asked = False
        self._is_exiting = False
        self._slots: List[Slot] = []
        self._log_watch = LogWatch()
        # Cores whose slots accept no more connections.
        self._closed: Set[int] = set()
        self._closing = threading.Lock()

    def run(self, control_path: str, mounted: Optional[Sequence[Mounted]]) -> NoReturn:
        """The whole life of the process. `mounted` is None where the worker imports the applications itself."""
        self._control = ControlChannel.connect(control_path)
        signals.on_request_to_leave(lambda: self._ask_for_successor("signal"))
        place = self._place
        name_process(self._config.names, f"worker {place.number}")
        who = {"generation": place.generation, "seat": place.seat, "worker": place.number, "pid": os.getpid()}
        self._control.send({"type": "hello", "role": "worker", **who})
        threading.main_thread().name = self._thread_name(0)
        threading.Thread(target=self._obey, name="tsuwsgi-control", daemon=True).start()
        self._module.enter(WorkerLink(place.number, self._control))
        attribution.enter(place.number)
        post_fork_hook = module_hooks.PostForkHook()
        post_fork_hook.call()
        self._run_hooks("post-fork")
        self._make_slots(self._load() if mounted is None else mounted)
        post_fork_hook.call()
        self._run_hooks(*self._accepting_moments())
        self._control.send({"type": "ready"})
        self._serve.wait()
        self._watch_files()
        if self._lifetime.state == SERVING:
            self._run_slots()
        self._exit()

    def _watch_files(self) -> None:
        config = self._config
        if config.auto_reload_seconds == 0:
            return
        arguments = (config.auto_reload_seconds, frozenset(config.auto_reload_ignore), self._ask_for_reload)
        threading.Thread(target=autoreload.watch, args=arguments, name="tsuwsgi-autoreload", daemon=True).start()

    def _ask_for_reload(self, path: str, time_ns: int) -> None:
        self._control.send({"type": "reload", "because": f"{path} was changed", "editedAt": str(time_ns)})

    def _load(self) -> Sequence[Mounted]:
        try:
            mounted = loading.load_between_hooks(self._config).mounted
        except HookFailed as error:
            self._fail(str(error), error.status)
        except loader.LoadError as error:
            self._fail(str(error), loader.FAILED_STATUS)
        loading.warm_up(self._config, mounted, f"worker {self._place.number}: ")
        return mounted

    def _run_hooks(self, *moments: str) -> None:
        try:
            for moment in moments:
                hooks.run(self._config.hooks[moment])
        except HookFailed as error:
            self._fail(str(error), error.status)

    def _accepting_moments(self) -> List[str]:
        place = self._place
        moments = ["accepting", "accepting1"] if place.number == 1 else ["accepting"]
        return [each for moment in moments for each in ([moment, f"{moment}-once"] if place.is_first else [moment])]

    def _fail(self, reason: str, status: int) -> NoReturn:
        log.say(f"worker {self._place.number}: {reason}")
        self._control.send({"type": "failed", "reason": reason, "status": status})
        log.flush()
        os._exit(status)

    def _make_slots(self, mounted: Sequence[Mounted]) -> None:
        config, place = self._config, self._place
        board = Scoreboard(config.scoreboard_path)
        if config.request_log_apart:
            log.send_requests_to(os.path.join(os.path.dirname(config.scoreboard_path), "request-log"))
        line_buffers = LineBuffers(config.line_buffers_path, place.seat, config.threads)
        log.count_dropped(line_buffers.of(0).count_dropped)
        context = SlotContext(
            config=config,
            mounts=Mounts(mounted, config.manages_script_name, config.has_default),
            lifetime=self._lifetime,
            leave=self._leave,
            listeners=self._listeners,
            count=self._counter(),
            completed=board.total,
            closed=self._note_closed,
            line_buffers=line_buffers,
            watch_log=self._log_watch.arm,
        )
        Exchange.reports = self._reports = Reports(self._control.offer, context.mounts.mountpoints)
        self._slots = [
            Slot(
                context, SlotPlace(self._config.site, place.generation, place.seat, place.number, core, os.getpid()), board.record(place.seat + core)
            )
            for core in range(config.threads)
        ]
        self._log_watch.watch([slot.log for slot in self._slots])
        self._module.signals.count_with(self._slots[0].record.distributions.count_signal)

    def _run_slots(self) -> None:
        first, *others = self._slots
        begin = threading.Event()

        def run(slot: Slot) -> None:
            begin.wait()
            slot.run()

        # Daemons, so that the farewell to the application's threads does not wait for them.
        threads = [threading.Thread(target=run, args=(slot,), name=self._thread_name(core), daemon=True) for core, slot in enumerate(others, 1)]
        size = self._config.thread_stack_bytes
        # For these alone, so none of them serves before all are there: threads of the application keep the size that it gave them.
        before = threading.stack_size(max(_LEAST_STACK, size)) if size else 0
        for thread in threads:
            thread.start()
        if size:
            threading.stack_size(before)
        begin.set()
        first.run()
        for thread in threads:
            thread.join()

    def _thread_name(self, core: int) -> str:
        return f"uWSGIWorker{self._place.number}Core{core}"

    def _counter(self) -> Callable[[], int]:
        """What counts the requests of all slots, and looks at the limits where there are any."""
        config, numbers = self._config, self._numbers
        limit = config.max_requests and config.max_requests + self._place.number * config.max_requests_delta
        memory = watch_memory(config.reload_on)
        if not limit and memory is None:
            return numbers.__next__

        def count_and_look() -> int:
            number = next(numbers)
            if number == limit:
                self._ask_for_successor("limit", limit="max-requests", reason=f"has served {number} requests (max-requests)")
            excess = memory.excess() if memory is not None else ""
            if excess:
                self._ask_for_successor("limit", limit="memory", reason=excess)
            return number

        return count_and_look

    def _ask_for_successor(self, why: str, **more: str) -> None:
        """Once; until the successor is up and the master says so, this worker serves on."""
        if not self._has_asked:
            self._has_asked = True
            self._control.send({"type": "replace", "why": why, **more})

    def _obey(self) -> None:
        """The control thread."""
        while True:
            if not self._control.has_message():
                self._log_watch.wait_for(self._control.fileno())
            message = self._control.receive()
            if message is None:
                self._end_as_orphan()
            if message["type"] == "serve":
                self._serve.set()
            elif message["type"] == "retire":
                self._lifetime.retire()
                self._serve.set()
                self._note_busy()
            elif message["type"] == "clear-doors":
                self._lifetime.clears_doors = True
            elif message["type"] == "pause":
                self._lifetime.gate.close()
            elif message["type"] == "resume":
                self._lifetime.gate.open()
            elif message["type"] == "reopen-log":
                log.reopen(message["path"])
            elif message["type"] == "hand-back":
                self._slots[message["core"]].hand_back()
            elif message["type"] in ("show", "interrupt"):
                self._attend_to(message)
            elif message["type"] == "signal":
                self._module.signals.hear(message["number"])
            elif message["type"] == "workers":
                self._module.process.hear(message)
            elif message["type"] == "stacks":
                self._control.send({"type": "stacks", "text": describe_threads()})
            elif message["type"] == "environs":
                self._control.send({"type": "environs", "environs": describe_running(self._slots)})
            elif message["type"] == "gateway-stopped":
                # The whole server ends: nobody is left to close the connections of the slots that wait for the gateway.
                self._leave(0)
            elif message["type"] == "stop":
                self._leave_at_once()

    def _note_busy(self) -> None:
        """A slot that runs a request does not look for another when it retires."""
        for core, slot in enumerate(self._slots):
            if slot.record.is_busy:
                self._note_closed(core)

    def _note_closed(self, core: int) -> None:
        """The master is told when the last slot has closed its doors: from then on requests find the successors."""
        with self._closing:
            is_last = core not in self._closed and len(self._closed) + 1 == len(self._slots)
            self._closed.add(core)
        if is_last:
            self._control.send({"type": "retired"})

    def _attend_to(self, message: Message) -> None:
        """A request runs for long: its stack is shown, or it is ended."""
        slot, started_us = self._slots[message["core"]], message["startedAt"]
        try:
            if message["type"] == "show":
                self._reports.shown(slot, started_us, slot.interruption.show(started_us))
            else:
                slot.interruption.interrupt(started_us)
        except Exception as error:
            log.show(error)  # such as want of memory: the master's further words must still be heard

    def _leave_at_once(self) -> None:
        """atexit handlers belong to an idle worker; one that is busy has threads in the middle of the application."""
        if self._is_busy():
            self._flush()
            os._exit(0)
        if not self._is_exiting:
            self._exit()

    def _end_as_orphan(self) -> NoReturn:
        """The master is gone: what runs is given up, after the time that it may still take."""
        deadline = monotonic() + self._config.orphan_seconds
        self._lifetime.leave()
        while (self._is_busy() or self._is_exiting) and monotonic() < deadline:
            sleep(_ORPHAN_CHECK_SECONDS)
        self._flush()
        os._exit(0)

    def _is_busy(self) -> bool:
        return any(slot.record.is_busy for slot in self._slots)

    def _leave(self, status: int) -> None:
        """The application called sys.exit: all slots end after what they run, and those that wait for the gateway at once."""
        self._lifetime.leave(status)
        for slot in self._slots:
            slot.interrupt()

    def _exit(self) -> NoReturn:
        """What the interpreter does at a normal end, but bounded, and without waiting for threads that never end."""
        self._is_exiting = True
        self._flush()
        self._module.signals.finish()
        farewell = threading.Thread(target=_finish_threads, daemon=True)
        farewell.start()
        farewell.join(_THREADS_SECONDS)
        module_hooks.at_exit()
        try:
            atexit._run_exitfuncs()
        except BaseException as error:
            log.show(error)
        log.flush()
        os._exit(self._lifetime.exit_status)

    def _flush(self) -> None:
        for slot in self._slots:
            slot.log.flush_beside()
        log.flush()


def _finish_threads() -> None:
    """Lets executors end their threads and waits for those that are no daemons (threading._shutdown is what the interpreter calls)."""
    threading._shutdown()
