"""One slot of a worker: a thread that waits on its doors and runs one request at a time.

    direct door    listening sockets on which the slot accepts, as uWSGI does
    gateway door   one connection to the gateway, which sends requests

A slot with the gateway's door alone blocks in recv there. One with a direct door sleeps over all of them, and only when there is nothing.
"""

from __future__ import annotations

import os
from functools import partial
import select
import sys
from time import monotonic_ns
from typing import Any, Callable, Dict, NamedTuple, Optional, Sequence, Tuple

from tsuwsgi import attribution, log, running
from tsuwsgi.api.hooks import AFTER_REQUEST, after_request, attributes
from tsuwsgi.config import Config
from tsuwsgi.direct import DirectDoor, Listener
from tsuwsgi.fileregion import FileWrapper
from tsuwsgi.gate import Gate
from tsuwsgi.gateway import GatewayDoor
from tsuwsgi.interruption import Interruption
from tsuwsgi.lifetime import LEAVING, SERVING, Lifetime
from tsuwsgi.linebuffers import LineBuffers
from tsuwsgi.logformat import line_form
from tsuwsgi.logselection import selector
from tsuwsgi.mounts import Mounts
from tsuwsgi.postbuffering import BodyCollector
from tsuwsgi.requestlog import LogPlace, RequestLog
from tsuwsgi.scheduling import give_way
from tsuwsgi.scoreboard import SlotRecord
from tsuwsgi.sent_files import SentFiles
from tsuwsgi.wsgi import Environ, Exchange, run

# Seconds between two attempts to reach a gateway that is gone: doubled up to the last.
_FIRST_PAUSE, _LAST_PAUSE = 0.05, 3.0
# How long a slot sleeps when it may not accept for want of descriptors.
_EXHAUSTED_SECONDS = 0.1
# Where new connections come without end, the end of the server does not wait for longer than that for a moment without.
_CLEARING_NS = 5_000_000_000


class SlotPlace(NamedTuple):
    """Which slot this is, in the words of the gateway's HELLO."""

    site: str
    generation: int
    seat: int
    worker: int
    core: int
    pid: int


class SlotContext(NamedTuple):
    """What the slots of a worker share."""

    config: Config
    mounts: Mounts
    lifetime: Lifetime
    # Ends the worker with this status, since the application asked for it.
    leave: Callable[[int], None]
    listeners: Sequence[Listener]
    # Counts a request of this worker and says the how-manyth it is.
    count: Callable[[], int]
    # How many requests the whole server has completed.
    completed: Callable[[], int]
    # The slot of this core accepts no more connections.
    closed: Callable[[int], None]
    # Where the lines of its requests wait, and who is told that there are some to look after.
    line_buffers: LineBuffers
    watch_log: Callable[[], None]


class Slot:
    def __init__(self, context: SlotContext, place: SlotPlace, record: SlotRecord) -> None:
        config = context.config
        self.core = place.core
        only = context.mounts.only
        # The one that answers everything, as in most servers; None where the request decides.
        self._application = only.application if only is not None and only.number == Exchange.app else None
        self._choose = context.mounts.choose
        form = line_form(config.request_log, LogPlace(place.pid, place.worker, place.core))
        self.log = RequestLog(form, context.line_buffers.of(place.core), context.completed, context.watch_log)
        self._notes = self.log.notes
        self._selects = selector(config.request_log.selection)
        self.record = record
        self.interruption = Interruption(record)
        # The request that runs, for whoever asks (running.py).
        self.running: Optional[Tuple[Exchange, Environ]] = None
        self._bodies = BodyCollector(config.post_buffering) if config.post_buffering.threshold > 0 else None
        self._lifetime = context.lifetime
        self._leave = context.leave
        self._count = context.count
        self._closed = partial(context.closed, place.core)
        self._log_requests = config.log_requests
        # Seconds until the next attempt to reach a gateway that is gone.
        self._pause = _FIRST_PAUSE
        self.environ = base_environ(config, place.core)
        if config.log_attribution != "off":
            self.serve = attribution.attribute(self.serve)
        # What X-Sendfile may name; None where nothing.
        self.sent_files = SentFiles(config.sent_folders) if config.sent_folders else None
        self._direct = DirectDoor(self, context.listeners, config) if context.listeners else None
        self._gateway = GatewayDoor(self, config, place) if config.gateway_sockets else None

    def run(self) -> None:
        """The slot's life; returns when it has ended, with nothing lost and nothing left to log."""
        give_way()
        self.interruption.bind()
        running.bind(self)
        self.record.rest()
        try:
            if self._direct is not None:
                self._run_direct(self._direct)
            self._closed()
            if self._gateway is not None:
                self._run_gateway(self._gateway)
        finally:
            self.log.flush()
            self.record.leave()
            running.forget()
            if self._gateway is not None:
                self._gateway.close()

    def _run_gateway(self, gateway: GatewayDoor) -> None:
        """Serves the gateway until it has closed the connection for good."""
        while self._lifetime.state != LEAVING:
            # A retiring slot keeps its connection until the gateway closes it, but makes no new one, which nobody would close.
            if gateway.is_connected or (self._lifetime.state == SERVING and self._reach(gateway)):
                self._guard(gateway, lambda: gateway.serve(self._lifetime))
                self.log.flush()
            if self._lifetime.state != SERVING:
                return
            if not gateway.has_moved():
                self._lifetime.pause(self._pause)

    def _reach(self, gateway: GatewayDoor) -> bool:
        """Connects to the gateway; the longer it is gone, the longer is the pause until the next attempt."""
        is_there = gateway.connect()
        self._pause = _FIRST_PAUSE if is_there else min(2 * self._pause, _LAST_PAUSE)
        return is_there

    def _run_direct(self, direct: DirectDoor) -> None:
        """Serves both doors until the worker retires; then the gateway's may still have work."""
        gate = self._lifetime.gate
        waiter = Waiter(direct.listener_fds, self._lifetime.wake_fd)
        waiter.add(gate.closed_fd)
        try:
            while True:
                if self._gateway is not None and not self._gateway.is_connected and self._reach(self._gateway):
                    waiter.add(self._gateway.fileno())
                if direct.is_exhausted:
                    # What waits would wake us at once, again and again.
                    self.log.flush()
                    self._lifetime.pause(_EXHAUSTED_SECONDS)
                elif gate.is_closed:
                    self._sit_out(gate)
                elif not self._has_something(direct, waiter):
                    self.log.rest()
                    waiter.wait(self._patience())
                # Also when retiring: whoever was woken for a connection must take it, since nobody else was (EPOLLEXCLUSIVE). A closed gate
                # wakes all slots, and all of them look again when it opens.
                if not gate.is_closed:
                    direct.serve_waiting()
                if self._lifetime.state != SERVING:
                    return self._clear(direct)
                if self._gateway is not None and self._gateway.is_connected:
                    self._serve_gateway_once(self._gateway, waiter)
        finally:
            waiter.close()

    def _clear(self, direct: DirectDoor) -> None:
        """At the end of the server, serves who waits in the backlog: closed with the last worker, it would reset them."""
        deadline = monotonic_ns() + _CLEARING_NS
        while self._lifetime.clears_doors and monotonic_ns() < deadline and direct.serve_waiting():
            pass

    def _sit_out(self, gate: Gate) -> None:
        """Sleeps through a pause, but not beyond the end of serving; what the gateway had sent before the pause is still answered."""
        self.log.flush()
        sleeper = Waiter([], self._lifetime.wake_fd)
        try:
            sleeper.add(gate.open_fd)
            if self._gateway is not None and self._gateway.is_connected:
                sleeper.add(self._gateway.fileno())
            sleeper.wait(self._patience())
        finally:
            sleeper.close()

    def _has_something(self, direct: DirectDoor, waiter: Waiter) -> bool:
        # Asking costs 0.2 µs, an accept in vain 4 µs: the kernel makes the socket before it finds nobody waiting.
        if waiter.has_something():
            return True
        if not direct.is_local:
            return False
        # Before we sleep, whoever has work may go: often the proxy with our next connection. Over Unix sockets that spares us a sleep and
        # the proxy a wake-up for each second request under load (24 → 19.5 µs here, 25 → 22 µs there). Over TCP, where a connection costs
        # twice as much, it made requests 8 % dearer.
        os.sched_yield()
        return waiter.has_something()

    def _serve_gateway_once(self, gateway: GatewayDoor, waiter: Waiter) -> None:
        fd = gateway.fileno()
        self._guard(gateway, gateway.serve_waiting)
        if not gateway.is_connected:
            waiter.forget(fd)

    def _guard(self, gateway: GatewayDoor, serve: Callable[[], None]) -> None:
        """An error of ours, such as want of memory for a frame, costs the connection and not the slot."""
        try:
            serve()
        except Exception as error:
            log.show(error)
            gateway.close()
            self.record.rest()

    def _patience(self) -> Optional[float]:
        """Seconds until a gateway must be tried again; None where an event will tell."""
        return self._pause if self._gateway is not None and not self._gateway.is_connected else None

    def hand_back(self) -> None:
        """Gives back to the gateway what waits here while the application runs for long; called from the control thread."""
        if self._gateway is not None:
            self.interruption.visit(self._gateway.hand_back)

    def interrupt(self) -> None:
        """Wakes this slot from waiting for the gateway; called from another thread once the worker is leaving."""
        if self._gateway is not None and not self.record.is_busy:
            self._gateway.hang_up()

    def serve(self, exchange: Exchange, environ: Environ) -> None:
        """Runs a request and accounts for it. Everything in here is paid by every request."""
        started = exchange.started_ns = monotonic_ns()
        exchange.interruption = self.interruption
        if self._notes is not None:
            exchange.logged = self._notes(environ)
        self.running = (exchange, environ)
        record = self.record
        record.begin(exchange.request_id, started // 1000, f"{exchange.method} {exchange.uri}".encode("latin-1", "replace"))
        # Read now: the application may change its environ.
        declared = environ.get("CONTENT_LENGTH")
        application = self._application
        if application is None:
            _, application, exchange.app = self._choose(environ)
        if self._bodies is None:
            run(application, environ, exchange)
        else:
            run(partial(self._bodies.run, application), environ, exchange)
            self._bodies.release()
        exchange.sink.release(exchange)
        ended = monotonic_ns()
        spent_us = (ended - started) // 1000
        if AFTER_REQUEST in attributes:
            after_request(exchange)
        if exchange.has_failed:
            record.count_exception()
        if exchange.has_lost_client:
            record.count_write_error()
        record.distributions.count(exchange, spent_us, declared)
        record.end(spent_us, exchange.head_size + exchange.body_size)
        number = self._count()
        if (self._log_requests or exchange.is_log_wanted or self._is_selected(exchange, spent_us)) and exchange.is_logged:
            self.log.add(exchange, number, spent_us, ended)
        self.running = None
        if exchange.exit_status is not None:
            self._leave(exchange.exit_status)

    def _is_selected(self, exchange: Exchange, spent_us: int) -> bool:
        return self._selects is not None and self._selects(exchange, spent_us)


def base_environ(config: Config, core: int) -> Dict[str, Any]:
    """The part of the environ that is the same for each request of a slot."""
    environ: Dict[str, Any] = {
        "wsgi.version": (1, 0),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": config.threads > 1,
        "wsgi.multiprocess": config.processes > 1,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileWrapper,
        # Bytes, as uWSGI has them.
        "uwsgi.version": config.version.encode(),
        "uwsgi.node": config.node.encode(),
    }
    if config.threads > 1:
        environ["uwsgi.core"] = core
    return environ


class Waiter:
    """Sleeps until one of several descriptors has something: epoll where there is one, else poll."""

    def __init__(self, listener_fds: Sequence[int], wake_fd: int) -> None:
        self._is_epoll = hasattr(select, "epoll")
        self._poller: Any = select.epoll() if self._is_epoll else select.poll()
        # One connection wakes one slot of the whole server and not all that sleep (EPOLLEXCLUSIVE, epoll_ctl(2)).
        events = select.EPOLLIN | select.EPOLLEXCLUSIVE if self._is_epoll else select.POLLIN
        for fd in listener_fds:
            self._poller.register(fd, events)
        self.add(wake_fd)

    def add(self, fd: int) -> None:
        self._poller.register(fd, select.EPOLLIN if self._is_epoll else select.POLLIN)

    def forget(self, fd: int) -> None:
        try:
            self._poller.unregister(fd)
        except (OSError, KeyError):
            pass  # closing the descriptor took it out of epoll already

    def has_something(self) -> bool:
        # One event is enough to know; room for the default of 1023 would be allocated for each call.
        return bool(self._poller.poll(0, 1) if self._is_epoll else self._poller.poll(0))

    def wait(self, seconds: Optional[float]) -> None:
        if self._is_epoll:
            self._poller.poll(seconds, 1)
        else:
            self._poller.poll(None if seconds is None else seconds * 1000)

    def close(self) -> None:
        if self._is_epoll:
            self._poller.close()
