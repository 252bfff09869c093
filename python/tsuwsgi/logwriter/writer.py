"""The log writer's loop: orders of the master, lines of everybody.

    prepare ─▶ prepared | failed    commit | undo    configure    output, reopen, rotate    finish ─▶ the end

`prepare` opens what the settings name and changes nothing else; `configure`, for a writer that takes the place of one that died, takes what it
can get. The end of the orders without `finish` is the end of the master: then it lasts until all who could still write are gone.
"""

from __future__ import annotations

import json
import os
import select
import time
from typing import Any, Dict, List, Mapping, Optional

from tsuwsgi.logwriter.intake import Intake
from tsuwsgi.logwriter.outlet import Outlet
from tsuwsgi.logwriter.stream import Stream
from tsuwsgi.texts import encoded

_ORDERS, _OUTPUT, _REPORTS = 0, 2, 3
_STREAMS = ("log", "request-log")
# How long the end of a line is waited for.
_PATIENCE_SECONDS = 1.0
_COMPLAINTS_SECONDS = 5.0
# How long processes without a master may go on (no-orphans).
_ORPHAN_SECONDS = 5.0


class Writer:
    def __init__(self, directory: str) -> None:
        paths = {name: os.path.join(directory, name) for name in _STREAMS}
        self._intakes = {name: Intake(path, f"{path}.taken") for name, path in paths.items()}
        # The pipes into which somebody can write.
        self._open = set(_STREAMS)
        self._streams: Dict[str, Stream] = {}
        self._prepared: Optional[Dict[str, Stream]] = None
        self._orders = b""
        # Undefined while the master lives.
        self._orphan_until: Optional[float] = None
        self._is_over = False
        self._poller = select.poll()
        self._poller.register(_ORDERS, select.POLLIN)

    @classmethod
    def begin(cls, directory: str) -> Optional[Writer]:
        """None where it cannot keep what it takes, which the master is told."""
        try:
            return cls(directory)
        except OSError as error:
            reason = f"the log writer cannot keep lines in {error.filename}: {error.strerror}"
            _report({"type": "failed", "logger": None, "reason": reason})
            return None

    def run(self) -> None:
        while not self._is_over:
            ready = [fd for fd, _ in self._poller.poll(self._patience() * 1000)]
            if _ORDERS in ready:
                self._hear()
            for name, intake in self._intakes.items():
                if intake.fileno() in ready:
                    self._pass_on(name)
                elif not ready and intake.has_rest:
                    self._let_go(name)
            self._complain()
            if not self._open or (self._orphan_until is not None and time.monotonic() > self._orphan_until):
                self._finish()

    def _patience(self) -> float:
        waits = self._orphan_until is not None or any(intake.has_rest for intake in self._intakes.values())
        return _PATIENCE_SECONDS if waits else _COMPLAINTS_SECONDS

    def _hear(self) -> None:
        data = os.read(_ORDERS, 1 << 16)
        if not data:
            self._poller.unregister(_ORDERS)
            self._orphan_until = time.monotonic() + _ORPHAN_SECONDS
        *lines, self._orders = (self._orders + data).split(b"\n")
        for line in lines:
            self._obey(json.loads(line))

    def _obey(self, order: Mapping[str, Any]) -> None:
        kind = order["type"]
        if kind == "prepare":
            self._prepare(order["settings"])
        elif kind == "commit":
            # Nothing is prepared in one that has taken the place of another since.
            self._commit(self._prepared or _streams(order["settings"]))
        elif kind == "undo" and self._prepared is not None:
            _close(self._prepared)
            self._prepared = None
        elif kind == "configure":
            self._commit(_streams(order["settings"]))
        elif kind == "output":
            self._take_output(order["path"])
        elif kind in ("reopen", "rotate"):
            for outlet in _outlets(self._streams):
                outlet.exchange(kind)
        elif kind == "finish":
            self._finish()

    def _prepare(self, settings: Mapping[str, Any]) -> None:
        outlet, streams = None, {}
        try:
            streams = _streams(settings)
            for outlet in _outlets(streams):
                outlet.sink.open()
        except (OSError, ValueError) as error:
            _close(streams)
            reason = getattr(error, "strerror", None) or str(error)
            _report({"type": "failed", "logger": None if outlet is None else outlet.written, "reason": reason})
            return
        self._prepared = streams
        _report({"type": "prepared"})

    def _commit(self, streams: Dict[str, Stream]) -> None:
        before, self._streams, self._prepared = self._streams, streams, None
        self._part_with(before)
        for name in self._open:
            intake = self._intakes[name]
            self._poller.register(intake.fileno(), select.POLLIN)
            # What one that died had taken. The pipe comes after the orders that are there.
            self._write(name, intake.lines())

    def _pass_on(self, name: str) -> bool:
        """Takes what there is once, and writes what is whole of it. False when there was nothing."""
        intake = self._intakes[name]
        taken = intake.take()
        if taken == "end":
            # The master has it open as long as it lives: there is nobody left who could write into this one.
            self._poller.unregister(intake.fileno())
            self._open.discard(name)
            return False
        self._write(name, intake.lines())
        return taken == "some"

    def _let_go(self, name: str) -> None:
        """A line without an end that nobody goes on with."""
        rest = self._intakes[name].everything()
        if rest:
            self._write(name, rest, b"\n")

    def _write(self, name: str, data: bytes, end: bytes = b"") -> None:
        if data:
            self._streams[name].write(data + end)
            self._intakes[name].drop(len(data))

    def _take_output(self, path: str) -> None:
        try:
            fd = os.open(path, os.O_WRONLY | os.O_APPEND)
        except OSError as error:
            self._say(f"the log writer cannot write {path}: {error.strerror}; it goes on where it was")
            return
        os.dup2(fd, 1)
        os.dup2(fd, _OUTPUT)
        os.close(fd)

    def _finish(self) -> None:
        for name in list(self._open):
            while self._pass_on(name):
                pass
        for name in _STREAMS:
            self._let_go(name)
        self._part_with(self._streams)
        self._is_over = True

    def _part_with(self, streams: Mapping[str, Stream]) -> None:
        """What nobody was told of yet is told first."""
        for outlet in _outlets(streams):
            self._say(outlet.last_complaint())
        _close(streams)

    def _complain(self) -> None:
        for outlet in _outlets(self._streams):
            self._say(outlet.complaint())

    def _say(self, text: Optional[str]) -> None:
        """On the first logger that works, and otherwise on the output of the server."""
        if text is None:
            return
        line = encoded(f"{time.ctime()} - {text}\n")
        for outlet in _outlets(self._streams):
            if outlet.works:
                outlet.add([line])
                outlet.flush()
                if outlet.works:
                    return
        try:
            os.write(_OUTPUT, line)
        except OSError:
            pass  # there is nobody left to tell


def _streams(settings: Mapping[str, Any]) -> Dict[str, Stream]:
    log = Stream(settings["log"])
    # After a reload workers may still send their requests apart from the rest where nobody wants that any more.
    return {"log": log, "request-log": log if settings["requests"] is None else Stream(settings["requests"])}


def _outlets(streams: Mapping[str, Stream]) -> List[Outlet]:
    return [outlet for stream in dict.fromkeys(streams.values()) for outlet in stream.outlets]


def _close(streams: Mapping[str, Stream]) -> None:
    for outlet in _outlets(streams):
        outlet.sink.close()


def _report(message: Mapping[str, Any]) -> None:
    try:
        os.write(_REPORTS, json.dumps(message).encode() + b"\n")
    except OSError:
        pass  # the master is gone, and the end of its orders says so
