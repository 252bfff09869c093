"""Sinks: where records go. Each one opens, writes and closes what it writes to, and knows nothing of lines, routes or other sinks.

Whatever goes wrong is an OSError; who calls decides what becomes of the records.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import subprocess
import time
from itertools import accumulate
from typing import Any, List, Mapping, Optional, Sequence, Tuple, Union

from tsuwsgi.texts import encoded

_MODE = 0o640
# The largest datagram of UDP over IPv4 has 65,507 bytes.
_LARGEST_DATAGRAM = 65_000
# How long a reader may take nothing: the other loggers wait meanwhile.
PATIENCE_SECONDS = 3.0
_SYSLOG = "/dev/log"
# syslog(3): the facility is multiplied by eight; 6 is information.
_INFORMATION = 6
_END_SECONDS = 2
_SHORT_LIFE_SECONDS = 1.0

Address = Tuple[int, Union[str, Tuple[Any, ...]]]


class Sink:
    """One that cannot do more than write; the others build on it."""

    # Of the next write.
    patience = PATIENCE_SECONDS
    # Records that went out before a write failed.
    written = 0

    def open(self) -> None:
        """Makes it ready. Nothing happens where it is."""

    def write(self, records: Sequence[bytes]) -> None:
        raise NotImplementedError

    def close(self) -> None:
        """Gives back what it has open."""

    @property
    def is_full(self) -> bool:
        """It is time to rotate."""
        return False

    def reopen(self) -> None:
        """Another file may be at its path now. Where that cannot be had, the one that is open stays."""

    def rotate(self) -> None:
        """What was written up to here is to have another name. Where it cannot be given that, it goes on as it is."""


class ByteSink(Sink):
    """Records go one after the other into a descriptor."""

    # It took the beginning of a record and then no more.
    _is_cut = False

    def put(self, fd: int, records: Sequence[bytes]) -> None:
        data = b"".join(records)
        left = memoryview(data)
        try:
            if self._is_cut:
                # What follows is not to be taken for the rest of it.
                self._write(fd, b"\n")
                self._is_cut = False
            while left:
                left = left[self._write(fd, left) :]
        except OSError:
            taken = len(data) - len(left)
            self._is_cut = self._is_cut or (taken > 0 and not data.endswith(b"\n", 0, taken))
            self.written = sum(end <= taken for end in accumulate(map(len, records)))
            raise

    def _write(self, fd: int, data: Union[bytes, memoryview]) -> int:
        poll = select.poll()
        poll.register(fd, select.POLLOUT)
        if not poll.poll(self.patience * 1000):
            raise TimeoutError(errno.ETIMEDOUT, "it takes nothing")
        # For so much there is room then.
        return os.write(fd, data[: select.PIPE_BUF])


class OutputSink(ByteSink):
    """The output of the server."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def write(self, records: Sequence[bytes]) -> None:
        self.put(self._fd, records)


class FileSink(ByteSink):
    def __init__(self, path: str, mode: Optional[int], max_bytes: int, backup_name: Optional[str]) -> None:
        self._path = path
        self._mode = mode
        self._max_bytes = max_bytes
        self._backup_name = backup_name
        self._fd = -1

    def open(self) -> None:
        if self._fd == -1:
            self._fd = self._open_file()

    def write(self, records: Sequence[bytes]) -> None:
        self.put(self._fd, records)

    @property
    def is_full(self) -> bool:
        return self._max_bytes > 0 and os.fstat(self._fd).st_size > self._max_bytes

    def close(self) -> None:
        if self._fd != -1:
            os.close(self._fd)
            self._fd = -1

    def reopen(self) -> None:
        fd = self._open_file()
        self.close()
        self._fd, self._is_cut = fd, False

    def rotate(self) -> None:
        os.rename(self._path, self._backup_name or _unused_name(f"{self._path}.{int(time.time())}"))
        self.reopen()

    def _write(self, fd: int, data: Union[bytes, memoryview]) -> int:
        """Files take everything, or fail."""
        return os.write(fd, data)

    def _open_file(self) -> int:
        fd = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, _MODE)
        try:
            if self._mode is not None:
                os.fchmod(fd, self._mode)
        except OSError:
            os.close(fd)
            raise
        return fd


def _unused_name(name: str) -> str:
    """Two rotations within a second must not replace each other's file."""
    unused, nth = name, 0
    while os.path.exists(unused):
        nth += 1
        unused = f"{name}.{nth}"
    return unused


class DatagramSink(Sink):
    """A datagram for each record, over UDP or to a Unix socket."""

    def __init__(self, address: Mapping[str, Any]) -> None:
        self._address = address
        self._socket: Optional[socket.socket] = None

    def open(self) -> None:
        if self._socket is None:
            family, address = _resolve(self._address)
            connected = socket.socket(family, socket.SOCK_DGRAM)
            connected.settimeout(self.patience)
            try:
                connected.connect(address)
            except OSError:
                connected.close()
                raise
            self._socket = connected

    def write(self, records: Sequence[bytes]) -> None:
        assert self._socket is not None
        self._socket.settimeout(self.patience)
        for self.written, record in enumerate(records):
            for datagram in self.datagrams(record):
                self._send(datagram)

    def datagrams(self, record: bytes) -> List[bytes]:
        return [record[:_LARGEST_DATAGRAM]]

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _send(self, datagram: bytes) -> None:
        assert self._socket is not None
        try:
            self._socket.send(datagram)
        except ConnectionRefusedError:
            # Over UDP it is the answer to an earlier one, and nothing was sent; a Unix socket was closed, and is there anew perhaps.
            self.close()
            self.open()
            self._socket.send(datagram)


class SyslogSink(DatagramSink):
    """The daemon of this machine, in the form of syslog(3): `<30>Nov 21 13:20:12 myid: message`."""

    def __init__(self, ident: str, facility: int) -> None:
        super().__init__({"path": _SYSLOG})
        self._ident = ident
        self._priority = facility * 8 + _INFORMATION

    def datagrams(self, record: bytes) -> List[bytes]:
        return [_syslog_head(self._priority, self._ident) + record.rstrip(b"\n")[:_LARGEST_DATAGRAM]]


class RsyslogSink(DatagramSink):
    """Another machine's daemon, by RFC 3164: `<29>Nov 21 13:14:17 host uwsgi: message`."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__(settings["address"])
        self._ident: str = settings["ident"] or f"{socket.gethostname()} uwsgi"
        self._priority: int = settings["priority"]
        self._packet_bytes: int = settings["packetBytes"]
        self._splits: bool = settings["splits"]

    def datagrams(self, record: bytes) -> List[bytes]:
        head, message = _syslog_head(self._priority, self._ident), record.rstrip(b"\n")
        room = max(1, self._packet_bytes - len(head))
        last = max(1, len(message)) if self._splits else 1
        return [head + message[at : at + room] for at in range(0, last, room)]


def _syslog_head(priority: int, ident: str) -> bytes:
    # RFC 3164 wants the day with a blank in front, as ctime(3) has it.
    date = time.ctime()[4:19]
    return encoded(f"<{priority}>{date} {ident}: ")


class PipeSink(ByteSink):
    """The standard input of a command, which is started again when it ends."""

    def __init__(self, command: str) -> None:
        self._command = command
        self._process: Optional[subprocess.Popen[bytes]] = None
        self._started_at = 0.0

    def open(self) -> None:
        status = 0 if self._process is None else self._process.poll()
        if status is None:
            return
        self.close()
        if status != 0 and time.monotonic() < self._started_at + _SHORT_LIFE_SECONDS:
            # One that cannot be run would be given lines, and lose them, for ever.
            raise OSError(f"its command ended at once (status {status})")
        self._started_at, self._is_cut = time.monotonic(), False
        # A session of its own: Ctrl-C must not end it before the last lines.
        self._process = subprocess.Popen(["/bin/sh", "-c", self._command], stdin=subprocess.PIPE, bufsize=0, start_new_session=True)

    def write(self, records: Sequence[bytes]) -> None:
        assert self._process is not None and self._process.stdin is not None
        self.put(self._process.stdin.fileno(), records)

    def close(self) -> None:
        process, self._process = self._process, None
        if process is None or process.stdin is None:
            return
        process.stdin.close()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            pass  # it reads on by itself


def sink(settings: Mapping[str, Any]) -> Sink:
    """The sink that src/core/log/writer-settings.ts describes."""
    kind = settings["kind"]
    if kind == "file":
        return FileSink(settings["path"], settings["mode"], settings["maxBytes"], settings["backupName"])
    if kind == "syslog":
        return SyslogSink(settings["ident"], settings["facility"])
    if kind == "rsyslog":
        return RsyslogSink(settings)
    if kind == "socket":
        return DatagramSink(settings["address"])
    if kind == "pipe":
        return PipeSink(settings["command"])
    return OutputSink(settings["fd"])


def _resolve(address: Mapping[str, Any]) -> Address:
    if "path" in address:
        path = address["path"]
        return socket.AF_UNIX, "\0" + path[1:] if path.startswith("@") else path
    family, _, _, _, found = socket.getaddrinfo(address["host"], address["port"], type=socket.SOCK_DGRAM)[0]
    return family, found
