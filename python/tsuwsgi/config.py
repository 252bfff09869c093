"""What the master tells a spawner in its first message, as a typed value."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Optional, Sequence


class ApplicationSource(NamedTuple):
    """Where the application is: a file (`wsgi-file`) or a module (`module`), and the name of its callable."""

    kind: str
    location: str
    callable: str


class DirectSocket(NamedTuple):
    """A bound descriptor on which the workers accept uwsgi packets themselves."""

    fd: int
    name: str


class Config(NamedTuple):
    version: str
    node: str
    # None where the server runs without one (`need-app = false`).
    application: Optional[ApplicationSource]
    lazy: bool
    need_app: bool
    processes: int
    threads: int
    max_requests: int
    limit_as_bytes: int
    python_path: Sequence[str]
    gateway_socket: Optional[str]
    direct_sockets: Sequence[DirectSocket]
    backlog: int
    buffer_size: int
    socket_timeout_seconds: float
    log_requests: bool
    scoreboard_path: str
    seats: int


def read_config(message: Mapping[str, Any]) -> Config:
    """The `configure` message in our own names."""
    return Config(
        version=message["version"],
        node=message["node"],
        application=_read_source(message["application"], message["callable"]),
        lazy=message["lazy"],
        need_app=message["needApp"],
        processes=message["processes"],
        threads=message["threads"],
        max_requests=message["maxRequests"],
        limit_as_bytes=message["limitAsBytes"],
        python_path=message["pythonPath"],
        gateway_socket=message["gatewaySocket"],
        direct_sockets=[DirectSocket(each["fd"], each["name"]) for each in message["directSockets"]],
        backlog=message["backlog"],
        buffer_size=message["bufferSize"],
        socket_timeout_seconds=message["socketTimeoutSeconds"],
        log_requests=message["logRequests"],
        scoreboard_path=message["scoreboard"]["path"],
        seats=message["scoreboard"]["seats"],
    )


def _read_source(source: Optional[Mapping[str, str]], callable: Optional[str]) -> Optional[ApplicationSource]:
    if source is None:
        return None
    location = source["path"] if source["kind"] == "file" else source["name"]
    return ApplicationSource(source["kind"], location, callable or "application")
