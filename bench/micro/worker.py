"""Small parts of what a request costs in a worker, timed one by one; `npm run bench:micro` (main.ts beside it) starts this and shows what it finds.

stdin: {rounds, seconds, only, environ, requestLogs, applications} as worker.ts writes them; stdout: [{name, figures}], nanoseconds an operation.
"""

from __future__ import annotations

import gc
import json
import os
import socket
import sys
from functools import partial
from pathlib import Path
from time import monotonic_ns, process_time
from timeit import Timer
from typing import Any, Callable, Dict, Iterator, List, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "test"))

from python.support import SlotUnderTest, accepted, read_frame, request_frame, uwsgi_packet  # noqa: E402

from tsuwsgi import packet, wire  # noqa: E402
from tsuwsgi.gateway import GatewayDoor  # noqa: E402
from tsuwsgi.slot import SlotPlace  # noqa: E402
from tsuwsgi.wsgi import Exchange, run  # noqa: E402

# So many requests come together where the server has much to do.
TOGETHER = 16
BUFFER_SIZE = 65535
SPENT_US = 120
_MUCH = 65536


class Piece(NamedTuple):
    name: str
    run: Callable[[], Any]
    # How many of it one run does.
    operations: int = 1


class Request:
    """The request that all pieces work on, and the application that answers it."""

    def __init__(self, environ: Dict[str, str], application: Callable[..., Any]) -> None:
        self.environ = environ
        self.application = application
        self.packet = uwsgi_packet(environ)
        self.frame = request_frame(1, environ)

    def exchange(self, sink: Any) -> Exchange:
        return Exchange(sink, self.environ, len(self.environ), len(self.packet))

    def answered(self) -> Exchange:
        exchange = self.exchange(SilentSink())
        run(self.application, self.environ, exchange)
        return exchange


class SilentSink:
    """A door whose client takes everything at once."""

    sent_files = None

    def send_head(self, exchange: Exchange, data: bytes, is_last: bool) -> None:
        pass

    def release(self, exchange: Exchange) -> None:
        pass


class Arriving(socket.socket):
    """A connection on which the same bytes arrive again and again, without the kernel."""

    def __init__(self, data: bytes) -> None:
        super().__init__(socket.AF_UNIX, socket.SOCK_STREAM)
        self._data = data

    def recv_into(self, view: memoryview, size: int = 0, flags: int = 0) -> int:
        view[: len(self._data)] = self._data
        return len(self._data)


def main() -> None:
    wanted = json.load(sys.stdin)
    _log_to_nowhere()
    sys.path.insert(0, wanted["applications"])
    from hello import application

    request = Request(wanted["environ"], application)
    pieces = [*request_pieces(request), *line_pieces(request, wanted["requestLogs"]), *accounting_pieces(request)]
    only = [word.lower() for word in wanted["only"]]
    chosen = [piece for piece in pieces if all(word in piece.name.lower() for word in only)]
    print(json.dumps(time_pieces(chosen, wanted["rounds"], wanted["seconds"])))
    sys.stdout.flush()


def _log_to_nowhere() -> None:
    """Descriptor 2 is the server's log, which the pieces write; what goes wrong here is still said where it was."""
    sys.stderr = os.fdopen(os.dup(2), "w")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def time_pieces(pieces: List[Piece], rounds: int, seconds: float) -> List[Dict[str, Any]]:
    """Each piece once a round, as stopwatch.ts does it. With the garbage collector, which a worker has as well."""
    timed = []
    for piece in pieces:
        timer = Timer(piece.run, gc.enable, process_time)
        timed.append((piece, timer, _runs_in(timer, seconds)))
    figures: Dict[str, List[float]] = {piece.name: [] for piece in pieces}
    for _ in range(rounds):
        for piece, timer, runs in timed:
            figures[piece.name].append(1e9 * timer.timeit(runs) / (runs * piece.operations))
    return [{"name": name, "figures": found} for name, found in figures.items()]


def _runs_in(timer: Timer, seconds: float) -> int:
    """How many runs take about so long. To find out warms the piece up, too."""
    runs = 1
    while True:
        took = timer.timeit(runs)
        if took >= seconds / 2:
            return max(1, round(runs * seconds / took))
        runs *= 2


def request_pieces(request: Request) -> Iterator[Piece]:
    """Reading a request and answering it."""
    reader = wire.FrameReader(Arriving(TOGETHER * request.frame))
    yield Piece(f"a frame, one of {TOGETHER} that are here: found", reader.next)
    payload = memoryview(request.frame)[wire.HEAD_SIZE :]
    yield Piece(f"a REQUEST frame: its environ read, {len(request.environ)} pairs", partial(wire.read_request, payload))
    yield Piece("a uwsgi packet of the same: read", partial(_read_packet, request.packet))
    yield Piece("hello world: called, its answer made", request.answered)
    yield Piece("a RESPONSE frame: made", partial(wire.response, 1, wire.IS_END, 200, request.answered().head, b"Hello World!", 12, SPENT_US))


def _read_packet(data: bytes) -> Any:
    end = packet.HEAD_SIZE + packet.packet_size(data, BUFFER_SIZE)
    return packet.read_vars(data, end)


def line_pieces(request: Request, forms: Dict[str, Dict[str, Any]]) -> Iterator[Piece]:
    """The line about a request in its forms; a write for some twenty of them is in it."""
    for name, settings in forms.items():
        log = _idle_slot(request, requestLog=settings).slot.log
        yield Piece(f"the line about a request, {name}", partial(_add_line, log, request.answered(), request.environ))


def _add_line(log: Any, exchange: Exchange, environ: Dict[str, str]) -> None:
    if log.notes is not None:
        exchange.logged = log.notes(environ)
    log.add(exchange, 3, SPENT_US, monotonic_ns())


def accounting_pieces(request: Request) -> Iterator[Piece]:
    """What is written down of a request, and all of it together."""
    under_test = _idle_slot(request)
    record = under_test.slot.record
    yield Piece("the scoreboard: a request begun and ended", partial(_begin_and_end, record))
    yield Piece("the distributions: a request counted", partial(record.distributions.count, request.answered(), SPENT_US, None))
    yield Piece("all of a hello world in its slot, no line", partial(_serve, under_test.slot, request))
    yield Piece("all of a hello world in its slot, uWSGI's line", partial(_serve, _idle_slot(request, logRequests=True).slot, request))
    yield Piece(
        f"all of a hello world at the gateway's door, one of {TOGETHER}, no line, with the system calls of both ends",
        _at_gateways_door(under_test, request),
        TOGETHER,
    )


def _idle_slot(request: Request, **over: Any) -> SlotUnderTest:
    """One whose own thread had no door to serve and has ended."""
    under_test = SlotUnderTest(request.application, **over)
    under_test.thread.join()
    under_test.slot.interruption.bind()
    return under_test


def _begin_and_end(record: Any) -> None:
    record.begin(1, 1, b"GET /articles/2024/a-page?utm_source=news&page=2")
    record.end(SPENT_US, 200)


def _serve(slot: Any, request: Request) -> None:
    slot.serve(request.exchange(SilentSink()), request.environ)


def _at_gateways_door(under_test: SlotUnderTest, request: Request) -> Callable[[], None]:
    """One thread plays both ends, so nobody waits for anybody."""
    listener = under_test.gateway_listener
    config = under_test.config._replace(gateway_sockets=[listener.getsockname()])
    door = GatewayDoor(under_test.slot, config, SlotPlace("", 1, 0, 1, 0, os.getpid()))
    door.connect()
    gateway = accepted(listener)
    gateway.settimeout(None)
    read_frame(gateway)
    gateway.sendall(request.frame)
    door.serve_waiting()
    size = TOGETHER * len(gateway.recv(_MUCH))
    requests = TOGETHER * request.frame

    def serve() -> None:
        gateway.sendall(requests)
        door.serve_waiting()
        _take(gateway, size)

    return serve


def _take(connection: socket.socket, size: int) -> None:
    while size > 0:
        size -= len(connection.recv(_MUCH))


if __name__ == "__main__":
    main()
