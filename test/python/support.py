"""What the tests of the Python runtime share: packets and frames, a slot on real sockets, a master that starts real processes."""

from __future__ import annotations

import json
import marshal
import mmap
import os
import re
import resource
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import unittest
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence, Union

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python"))

from tsuwsgi.config import Config, read_config  # noqa: E402
from tsuwsgi.direct import Listener  # noqa: E402
from tsuwsgi.lifetime import Lifetime  # noqa: E402
from tsuwsgi.linebuffers import SIZE, LineBuffer, LineBuffers  # noqa: E402
from tsuwsgi.mounts import Mounted, Mounts  # noqa: E402
from tsuwsgi.scoreboard import Scoreboard  # noqa: E402
from tsuwsgi.slot import Slot, SlotContext, SlotPlace  # noqa: E402

# When the spawner and its workers run hooks.
MOMENTS = ("pre-app", "post-app", "post-fork", "accepting", "accepting-once", "accepting1", "accepting1-once")

# No wait in a test is longer; one that gets here has failed.
PATIENCE = 10.0

# Of the requests that are not logged otherwise, none is.
NO_SELECTION = {"clientErrors": False, "serverErrors": False, "slowMs": 0, "empty": False, "bigBytes": 0, "files": False, "broken": False}

# What the master makes of uWSGI's own line (src/core/log/format.ts).
_LINE = (
    "[pid: %(pid)|app: %(@app)|req: %(@req)] %(@addr) (%(@user)) {%(vars) vars in %(pktsize) bytes} [%(ctime)] %(@method) %(@uri) => "
    "generated %(rsize) bytes in %(msecs) msecs%(@via)(%(@proto) %(status)) %(headers) headers in %(hsize) bytes "
    "(%(switches) switches on core %(core))"
)
DEFAULT_LINE = [{"kind": "variable" if nth % 2 else "text", "value": text} for nth, text in enumerate(re.split(r"%\(([^)]+)\)", _LINE))]

GET = {
    "REQUEST_METHOD": "GET",
    "REQUEST_URI": "/x?y=1",
    "PATH_INFO": "/x",
    "QUERY_STRING": "y=1",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "REMOTE_ADDR": "127.0.0.1",
    "SERVER_NAME": "localhost",
    "SERVER_PORT": "80",
    "SCRIPT_NAME": "",
}


def uwsgi_packet(variables: Dict[str, str], modifier1: int = 0) -> bytes:
    strings = [text.encode("latin-1") for pair in variables.items() for text in pair]
    block = b"".join(struct.pack("<H", len(text)) + text for text in strings)
    return struct.pack("<BHB", modifier1, len(block), 0) + block


def frame(kind: int, request_id: int, payload: bytes = b"", flags: int = 0, extra: int = 0) -> bytes:
    return struct.pack("<IIBBH", len(payload), request_id, kind, flags, extra) + payload


def request_frame(request_id: int, variables: Dict[str, str], body: bytes = b"", flags: int = 1) -> bytes:
    environ = marshal.dumps(variables, 2)
    size = sum(4 + len(name) + len(value) for name, value in variables.items())
    return frame(1, request_id, struct.pack("<II", len(environ), size) + environ + body, flags, len(variables))


class Answer(NamedTuple):
    """What a client got over the direct door."""

    status: str
    headers: List[str]
    body: bytes


def parse_answer(data: bytes) -> Answer:
    head, _, body = data.partition(b"\r\n\r\n")
    status, *headers = head.decode("latin-1").split("\r\n")
    return Answer(status, headers, body)


def receive_all(connection: socket.socket) -> bytes:
    pieces = []
    while True:
        piece = connection.recv(65536)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)


class Response(NamedTuple):
    """A frame from a slot."""

    request_id: int
    kind: int
    flags: int
    extra: int
    payload: bytes


def read_exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise EOFError(f"the stream ended after {len(data)} of {size} bytes")
        data += piece
    return data


def read_frame(connection: socket.socket) -> Response:
    size, request_id, kind, flags, extra = struct.unpack("<IIBBH", read_exactly(connection, 12))
    return Response(request_id, kind, flags, extra, read_exactly(connection, size))


class GatewayAnswer(NamedTuple):
    """A whole answer, put together from its frames."""

    status: int
    length: int
    head: bytes
    body: bytes
    is_aborted: bool
    frames: int


def read_answer(connection: socket.socket) -> GatewayAnswer:
    first = read_frame(connection)
    if first.kind != 17:
        raise AssertionError(f"expected RESPONSE, not {first}")
    length, head_size, _ = struct.unpack_from("<qII", first.payload)
    head, body = first.payload[16 : 16 + head_size], first.payload[16 + head_size :]
    flags, frames = first.flags, 1
    while not flags & 1:
        more = read_frame(connection)
        frames += 1
        if more.kind == 18:
            body += more.payload
        else:
            flags = more.flags | 1
    return GatewayAnswer(first.extra, length, head, body, bool(flags & 2), frames)


def file_of_digits(test: unittest.TestCase) -> str:
    """The path of a file with ten bytes, for as long as a test lasts."""
    directory = tempfile.TemporaryDirectory()
    test.addCleanup(directory.cleanup)
    path = os.path.join(directory.name, "file")
    Path(path).write_bytes(b"0123456789")
    return path


def line_buffer() -> LineBuffer:
    return LineBuffer(mmap.mmap(-1, SIZE), 0)


def line_buffers(directory: str, slots: int = 1) -> LineBuffers:
    path = os.path.join(directory, "line-buffers")
    make_line_buffers(path, slots)
    return LineBuffers(path, 0, slots)


def make_line_buffers(path: str, slots: int) -> None:
    Path(path).write_bytes(bytes(slots * SIZE))


def make_scoreboard(path: str, slots: int = 2) -> None:
    size = (64 + 8 * slots + 63) // 64 * 64 + (256 + 2560) * slots
    Path(path).write_bytes(struct.pack("<4sIII", b"TSUS", 3, slots, slots).ljust(size, b"\0"))


def config_message(directory: str, **over: Any) -> Dict[str, Any]:
    message = {
        "type": "configure",
        "version": "1.2.3",
        "node": "box",
        "site": "",
        "applications": [{"number": 0, "mountpoint": "", "source": {"kind": "file", "path": "hello.py"}, "callable": None}],
        "manageScriptName": False,
        "hasDefault": True,
        "lazy": False,
        "warmup": {"requests": [], "seconds": PATIENCE},
        "autoReload": {"seconds": 0, "ignore": []},
        "needApp": True,
        "processes": 2,
        "threads": 1,
        "maxRequests": 0,
        "maxRequestsDelta": 0,
        "reloadOn": {"rss": 0, "as": 0},
        "limitAsBytes": 0,
        "limitProcesses": 0,
        "orphanSeconds": 2,
        "pythonPath": [],
        "executable": None,
        "arguments": [],
        "aliases": [],
        "sharedImports": [],
        "imports": [],
        "directoryAfter": None,
        "gatewaySockets": [],
        "directSockets": [],
        "backlog": 50,
        "bufferSize": 65535,
        "limitPost": 0,
        "sentFolders": [],
        "maxVariables": 0,
        "socketTimeoutSeconds": PATIENCE,
        "tcpKeepAlive": False,
        "postBuffering": {"threshold": 0, "blockSize": 8192},
        "logRequests": False,
        "requestLogApart": False,
        "logAttribution": "off",
        "requestLog": {"form": "parts", "parts": DEFAULT_LINE, "dateFormat": "%c", "selection": NO_SELECTION},
        "exceptions": {"areShown": False, "reload": {"any": False, "types": [], "values": [], "reprs": []}},
        "threadStackBytes": 0,
        "headers": {"added": [], "removed": []},
        "errorPages": {"404": [], "500": []},
        "scoreboard": {"path": os.path.join(directory, "scoreboard")},
        "lineBuffers": {"path": os.path.join(directory, "line-buffers")},
        "hooks": {moment: [] for moment in MOMENTS},
        "names": None,
        "masterPid": 0,
        "options": [],
        "magic": {},
        "harakiriMs": 0,
        "locks": 1,
        "shared": {"caches": [], "firstItems": [], "metrics": None},
    }
    return {**message, **over}


def make_config(directory: str, **over: Any) -> Config:
    return read_config(config_message(directory, **over))


class SlotUnderTest:
    """A slot in a thread of its own, with a direct socket and a gateway as its test asks for."""

    def __init__(
        self,
        application: Union[Callable[..., Any], Mounts],
        direct: bool = False,
        gateway: bool = False,
        other_gateways: Sequence[str] = (),
        watch_log: Callable[[], None] = lambda: None,
        **over: Any,
    ) -> None:
        self.application = application
        self.directory = tempfile.TemporaryDirectory()
        path = self.directory.name
        make_scoreboard(os.path.join(path, "scoreboard"), slots=2 * over.get("threads", 1))
        self.listener = listening(os.path.join(path, "direct.sock"))
        self.gateway_listener = listening(os.path.join(path, "gateway.sock"))
        self.config = make_config(path, gatewaySockets=[os.path.join(path, "gateway.sock"), *other_gateways] if gateway else [], **over)
        self.lifetime = Lifetime()
        self.left_with: List[int] = []
        listeners = [Listener(self.listener, "direct.sock")] if direct else []
        self.board = Scoreboard(self.config.scoreboard_path)
        mounts = application if isinstance(application, Mounts) else Mounts([Mounted("", application, 0)])
        context = SlotContext(
            config=self.config,
            mounts=mounts,
            lifetime=self.lifetime,
            leave=self._leave,
            listeners=listeners,
            count=count(1).__next__,
            completed=self.board.total,
            closed=lambda core: None,
            line_buffers=line_buffers(path),
            watch_log=watch_log,
        )
        self.slot = Slot(context, SlotPlace("", 1, 0, 1, 0, os.getpid()), self.board.record(0))
        self.thread = threading.Thread(target=self.slot.run, daemon=True)
        self.thread.start()
        self.gateway = accepted(self.gateway_listener) if gateway else None
        self.hello = read_frame(self.gateway) if self.gateway else None

    def _leave(self, status: int) -> None:
        self.left_with.append(status)
        self.lifetime.leave(status)

    def connect(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(PATIENCE)
        connection.connect(self.listener.getsockname())
        return connection

    def ask(self, variables: Dict[str, str], body: bytes = b"") -> Answer:
        """One request over the direct door."""
        with self.connect() as connection:
            connection.sendall(uwsgi_packet(variables) + body)
            return parse_answer(receive_all(connection))

    def ask_gateway(self, variables: Dict[str, str], body: bytes = b"", request_id: int = 1) -> GatewayAnswer:
        self.gateway.sendall(request_frame(request_id, variables, body))
        return read_answer(self.gateway)

    def close(self) -> None:
        self.lifetime.leave()
        if self.gateway is not None:
            self.gateway.close()
        self.thread.join(PATIENCE)
        if self.thread.is_alive():
            raise AssertionError("the slot did not end")
        self.listener.close()
        self.gateway_listener.close()
        self.directory.cleanup()


def listening(path: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen(50)
    listener.setblocking(False)
    return listener


def accepted(listener: socket.socket) -> socket.socket:
    listener.settimeout(PATIENCE)
    connection, _ = listener.accept()
    connection.settimeout(PATIENCE)
    return connection


class SlotTestCase(unittest.TestCase):
    def start(self, application: Union[Callable[..., Any], Mounts], **options: Any) -> SlotUnderTest:
        slot = SlotUnderTest(application, **options)
        self.addCleanup(slot.close)
        return slot


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """No file of this process grows beyond so many bytes meanwhile: the write that would has written up to there, and the next one fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def captured_log() -> Iterator[Callable[[], str]]:
    """Descriptor 2 goes to a file meanwhile; gives a function that reads what was logged so far."""
    with tempfile.TemporaryFile() as file:
        saved = os.dup(2)
        os.dup2(file.fileno(), 2)
        try:
            yield lambda: os.pread(file.fileno(), 1 << 20, 0).decode("utf-8", "replace")
        finally:
            os.dup2(saved, 2)
            os.close(saved)


class Channel:
    """The master's end of a control channel."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._lines = connection.makefile("rb")

    def send(self, **message: Any) -> None:
        self.connection.sendall(json.dumps(message).encode() + b"\n")

    def receive(self) -> Optional[Dict[str, Any]]:
        line = self._lines.readline()
        return json.loads(line) if line else None

    def close(self) -> None:
        self._lines.close()
        self.connection.close()


class FakeMaster:
    """Starts a real spawner, and real workers through it, and speaks the master's part."""

    def __init__(self, files: Dict[str, str], direct: bool = False, gateway: bool = False, asleep: bool = False, **over: Any) -> None:
        self.directory = tempfile.TemporaryDirectory()
        path = self.directory.name
        for name, text in files.items():
            target = Path(path, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        self.control = listening(os.path.join(path, "master.sock"))
        self.gateway = listening(os.path.join(path, "gateway.sock"))
        self.direct = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.direct.bind(os.path.join(path, "direct.sock"))
        self.direct.setblocking(False)
        make_scoreboard(os.path.join(path, "scoreboard"), slots=2 * over.get("threads", 1))
        make_line_buffers(os.path.join(path, "line-buffers"), slots=2 * over.get("threads", 1))
        if direct:
            over["directSockets"] = [{"fd": self.direct.fileno(), "name": "direct.sock"}]
        if gateway:
            over["gatewaySockets"] = [os.path.join(path, "gateway.sock")]
        self.log_path = Path(path, "log")
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    os.environ.get("TSUWSGI_TEST_PYTHON", sys.executable),
                    str(ROOT / "python/tsuwsgi/__main__.py"),
                    os.path.join(path, "master.sock"),
                    "7",
                ],
                cwd=path,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[self.direct.fileno()],
            )
        self.spawner = Channel(accepted(self.control))
        self.hello = self.spawner.receive()
        self.workers: List[Channel] = []
        self.spawner.send(**config_message(path, **over))
        if not asleep:
            self.spawner.send(type="load")

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def fork(self, seat: int = 0, worker: int = 1) -> Channel:
        """Has a worker forked and waits for its hello."""
        self.spawner.send(type="fork", seat=seat, worker=worker)
        channel = Channel(accepted(self.control))
        self.workers.append(channel)
        channel.hello = channel.receive()
        return channel

    def start_worker(self, seat: int = 0, worker: int = 1) -> Channel:
        channel = self.fork(seat, worker)
        ready = channel.receive()
        if ready != {"type": "ready"}:
            raise AssertionError(f"{ready}; log: {self.log}")
        channel.send(type="serve")
        return channel

    def report(self, kind: str) -> Dict[str, Any]:
        """The spawner's next report of this kind."""
        while True:
            message = self.spawner.receive()
            if message is None:
                raise AssertionError(f"the spawner ended; log: {self.log}")
            if message["type"] == kind:
                return message

    def connect(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(PATIENCE)
        connection.connect(self.direct.getsockname())
        return connection

    def ask(self, variables: Dict[str, str] = GET, body: bytes = b"") -> Answer:
        with self.connect() as connection:
            connection.sendall(uwsgi_packet(variables) + body)
            return parse_answer(receive_all(connection))

    def close(self) -> None:
        for channel in [*self.workers, self.spawner]:
            channel.close()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        for each in (self.control, self.gateway, self.direct):
            each.close()
        self.directory.cleanup()


class ProcessTestCase(unittest.TestCase):
    def start(self, files: Dict[str, str], **options: Any) -> FakeMaster:
        master = FakeMaster(files, **options)
        self.addCleanup(master.close)
        return master


HELLO = """
def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [b'hello ' + environ['PATH_INFO'].encode()]
"""
