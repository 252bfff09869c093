"""Requests of our own before the first client's (`warmup`).

    import ─▶ warm-ups ─▶ gc.freeze ─▶ fork ─▶ workers        with lazy-apps in each worker: import ─▶ warm-ups ─▶ ready

What the application imports, compiles and caches at its first request is there then, and what it has before the fork the workers share. Nothing that
goes wrong here keeps the server from starting: it would go wrong for the first client as well, and others may be served.
"""

from __future__ import annotations

import io
import signal
from time import monotonic, monotonic_ns
from typing import Any, Dict, NamedTuple, Optional, Sequence

from tsuwsgi import log, running
from tsuwsgi.api.hooks import AFTER_REQUEST, after_request, attributes
from tsuwsgi.config import Config, WarmupRequest
from tsuwsgi.fileregion import FileRegion
from tsuwsgi.interruption import Interruption
from tsuwsgi.mounts import Mounted
from tsuwsgi.sent_files import SentFiles
from tsuwsgi.slot import base_environ
from tsuwsgi.wsgi import Environ, Exchange, run, url_scheme

_PORTS = {"http": "80", "https": "443"}
# What applications answer that are asked by another name than theirs.
_REFUSED = (400, 403, 421)
# Where the application holds on to its thread although its time is over, it is told again.
_INSISTING_SECONDS = 0.5


class WarmupTimeout(BaseException):
    """Raised wherever the application is when the time is over. No Exception, so that nobody takes it for an error of their own."""


def warm_up(config: Config, mounted: Sequence[Mounted], label: str = "") -> None:
    """Asks for what the configuration says, one after the other. `label` begins the log's lines."""
    loaded = {each.number: each for each in mounted if each.is_loaded}
    interruption = Interruption()
    interruption.bind()
    # Of an application that could not be imported the log has told.
    requests = [each for each in config.warmup.requests if each.application in loaded]
    with Deadline(config.warmup.seconds, interruption) as deadline:
        for request in requests:
            log.say(label + _ask(request, loaded[request.application], _Place(config, interruption, deadline)))


class _Place(NamedTuple):
    """Where a warm-up runs, and for how long."""

    config: Config
    interruption: Interruption
    deadline: Deadline


def _ask(request: WarmupRequest, mounted: Mounted, place: _Place) -> str:
    """What the log tells of it."""
    name = f"warm-up of {request.text}"
    if place.deadline.is_over:
        return f"{name}: left out, since the time of all warm-ups is over (warmup-timeout = {place.config.warmup.seconds})"
    environ = _environ(request, place.config)
    exchange = WarmupExchange(Nobody(place), environ, len(environ), 0)
    exchange.app, exchange.interruption = mounted.number, place.interruption
    began = exchange.started_ns = monotonic_ns()
    slot = WarmupSlot(place.interruption, (exchange, environ))
    running.bind(slot)
    try:
        run(mounted.application, environ, exchange)
        if AFTER_REQUEST in attributes:
            after_request(exchange)
    finally:
        # The interruption may have come just as it was about to be closed.
        place.interruption.is_open = False
        running.forget()
        log.finish_lines()
    seconds = (monotonic_ns() - began) / 1e9
    return f"{name}: {_outcome(exchange, place.config, seconds)}"


def _outcome(exchange: WarmupExchange, config: Config, seconds: float) -> str:
    error = exchange.error
    if isinstance(error, WarmupTimeout):
        return f"given up after {seconds:.2f} s (warmup-timeout = {config.warmup.seconds}), and the server starts all the same"
    answered = f"{exchange.status} in {seconds:.2f} s"
    if error is not None:
        return f"{answered}: it failed with {type(error).__name__}, shown above, and the server starts all the same"
    if exchange.status >= 500:
        return f"{answered}: it failed, and the server starts all the same"
    if exchange.status >= 400:
        hint = "; if it answers to its own name only, write warmup = https://HOST/PATH" if exchange.status in _REFUSED else ""
        return f"{answered}: the application refuses it{hint}"
    if 300 <= exchange.status < 400:
        return f"{answered}: it leads to {exchange.location}, which was not asked for; write that address as the warmup"
    return answered


def _environ(request: WarmupRequest, config: Config) -> Environ:
    """As the gateway makes it of a GET by this address."""
    # A host of IPv6 has colons within its brackets.
    name, colon, port = request.host.rpartition(":") if not request.host.endswith("]") else ("", "", "")
    environ: Dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "REQUEST_URI": request.target,
        "SCRIPT_NAME": request.script_name,
        "PATH_INFO": request.path_info,
        "QUERY_STRING": request.target.partition("?")[2],
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": name if colon else request.host,
        "SERVER_PORT": port if colon else _PORTS[request.scheme],
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": request.host,
        "HTTP_ACCEPT": "*/*",
        "HTTP_USER_AGENT": f"tsuwsgi-warmup/{config.version}",
    }
    if request.scheme == "https":
        # Both ways to say so: applications behind a proxy go by its header.
        environ.update(HTTPS="on", HTTP_X_FORWARDED_PROTO="https")
    environ.update(base_environ(config, 0))
    environ["wsgi.url_scheme"] = url_scheme(environ)
    environ["wsgi.input"] = io.BytesIO()
    return environ


class WarmupExchange(Exchange):
    """One that nobody waits for: what goes wrong is kept for the log's line, and no worker leaves for it."""

    error: Optional[BaseException] = None

    def fail(self, error: BaseException) -> None:
        # It may have come in the middle of closing, which is then left to us.
        self.interruption.is_open = False
        self.has_failed = True
        self.error = error
        log.show(error)
        # The frames hold all that the application had in its hands.
        error.__traceback__ = None
        if not self.is_head_sent:
            self.status = 500
        self.is_complete = True

    @property
    def location(self) -> str:
        """Where a redirect leads."""
        for line in (self.head or b"").decode("latin-1").split("\r\n"):
            name, _, value = line.partition(":")
            if name.lower() == "location":
                return value.strip()
        return "nowhere"


class Nobody:
    """The sink of a warm-up: takes an answer as a client would, but not without end, and keeps nothing of it."""

    def __init__(self, place: _Place) -> None:
        folders = place.config.sent_folders
        self.sent_files = SentFiles(folders) if folders else None
        self._check = place.deadline.check

    def send_head(self, exchange: Exchange, data: bytes, is_last: bool) -> None:
        pass

    def send_hints(self, exchange: Exchange, fields: bytes) -> None:
        pass

    def send_body(self, exchange: Exchange, data: bytes, is_last: bool) -> None:
        self._check()

    def send_file(self, exchange: Exchange, region: FileRegion) -> None:
        exchange.count_sent(region.size)

    def hand_over(self, exchange: Exchange, region: FileRegion) -> bool:
        return False

    def abort(self, exchange: Exchange) -> None:
        pass

    def part(self, exchange: Exchange) -> None:
        pass

    def connection_fd(self) -> int:
        return -1

    def has_client(self, exchange: Exchange) -> bool:
        return True

    def release(self, exchange: Exchange) -> None:
        pass


class WarmupRecord:
    """What `uwsgi` asks the scoreboard for. Nothing is counted there: this is nobody's request."""

    served = 0

    def limit(self, milliseconds: int) -> None:
        """uwsgi.set_user_harakiri(): `warmup-timeout` holds."""


class WarmupSlot:
    """The calling thread, for those who look for the request that it runs (running.py)."""

    core = 0
    record = WarmupRecord()

    def __init__(self, interruption: Interruption, request: Any) -> None:
        self.interruption = interruption
        self.running = request


class Deadline:
    """Interrupts the application when its time is over: by a signal, which ends a wait for a lock, a socket or a sleep as well.

    Our code is not interrupted. An application that sets the alarm for itself takes this one away; where nothing else helps, and nothing is
    served yet, the master does (src/core/workers/spawner.ts).
    """

    def __init__(self, seconds: float, interruption: Interruption) -> None:
        self._end = monotonic() + seconds
        self._interruption = interruption

    @property
    def is_over(self) -> bool:
        return monotonic() >= self._end

    def check(self) -> None:
        if self.is_over:
            raise WarmupTimeout("the time of all warm-ups is over")

    def __enter__(self) -> Deadline:
        self._handler: Any = signal.signal(signal.SIGALRM, self._interrupt)
        self._timer = signal.setitimer(signal.ITIMER_REAL, max(0.001, self._end - monotonic()), _INSISTING_SECONDS)
        return self

    def __exit__(self, *_: Any) -> None:
        if signal.getsignal(signal.SIGALRM) != self._interrupt:
            return  # the application has its own by now
        signal.setitimer(signal.ITIMER_REAL, *self._timer)
        # None: whoever handled it was no Python.
        signal.signal(signal.SIGALRM, signal.SIG_DFL if self._handler is None else self._handler)

    def _interrupt(self, number: int, frame: Any) -> None:
        if self._interruption.is_open:
            self.check()
