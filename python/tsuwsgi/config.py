"""What the master tells a spawner in its first message, as a typed value."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

from tsuwsgi.api.cache_config import Shared, read_shared
from tsuwsgi.exceptions import ExceptionRules
from tsuwsgi.hooks import Hooks, read_hooks
from tsuwsgi.procname import ProcessNames, read_names


class ApplicationSource(NamedTuple):
    """Where the application is: a file (`wsgi-file`), a module (`module`) or a text (`eval`), and the name of its callable.

    `import` is a file that is no application. Of `paste` the location is a URI, and the callable a section of its file, or ''.
    """

    kind: str
    location: str
    callable: str
    # The file of Paste sets logging up as well.
    is_logged: bool = False

    @property
    def label(self) -> str:
        """For log lines."""
        return "the code of eval" if self.kind == "eval" else self.location


class MountedSource(NamedTuple):
    """An application and the path below which it is; '' for the server's own. Its number is unique in the server."""

    number: int
    mountpoint: str
    source: ApplicationSource


class WarmupRequest(NamedTuple):
    """A request of the server's own. Its target is percent-encoded, with the query; the text is what the user wrote."""

    text: str
    scheme: str
    host: str
    target: str
    # The number of the application.
    application: int
    script_name: str
    path_info: str


class Warmup(NamedTuple):
    """What the applications are asked for before they serve, and how long that may take in all."""

    requests: Sequence[WarmupRequest]
    seconds: float


class DirectSocket(NamedTuple):
    """A bound descriptor on which the workers accept uwsgi packets themselves."""

    fd: int
    name: str


class MemoryLimits(NamedTuple):
    """Bytes; 0 means no limit. `rss` is the memory that a process holds, `address_space` what it has set aside."""

    rss: int
    address_space: int


class PostBuffering(NamedTuple):
    """Bodies are read whole before the application runs: to a file from `threshold` bytes on, in blocks. A threshold of 0 means no."""

    threshold: int
    block_size: int


class LogSelection(NamedTuple):
    """Which requests are logged where the others are not; 0 and False mean that this makes no difference."""

    client_errors: bool
    server_errors: bool
    slow_ms: int
    empty: bool
    big_bytes: int
    files: bool
    broken: bool


class LogPart(NamedTuple):
    """A piece of a line: a `text`, or something of the request (src/core/log/format.ts). Between quotes, more is escaped in it."""

    kind: str
    value: str
    is_quoted: bool


class RequestLogConfig(NamedTuple):
    """How requests are logged. The form is `parts` or `json`."""

    form: str
    parts: Sequence[LogPart]
    date_format: str
    selection: LogSelection


class Config(NamedTuple):
    # The applications of a worker, by the name of their site, as the gateway knows them.
    site: str
    version: str
    node: str
    # Empty where the server runs without one (`need-app = false`).
    applications: Sequence[MountedSource]
    manages_script_name: bool
    # Requests outside all mountpoints have an application, too.
    has_default: bool
    lazy: bool
    warmup: Warmup
    auto_reload_seconds: int
    auto_reload_ignore: Sequence[str]
    need_app: bool
    processes: int
    threads: int
    max_requests: int
    max_requests_delta: int
    reload_on: MemoryLimits
    limit_as_bytes: int
    limit_processes: int
    # Folders, or patterns for them.
    python_path: Sequence[str]
    # sys.executable, if it is not to be the interpreter.
    executable: Optional[str]
    # sys.argv behind "uwsgi".
    arguments: Sequence[str]
    # Names in sys.modules for modules or files.
    aliases: Sequence[Tuple[str, str]]
    # Modules or files: once in the spawner, and beside the applications.
    shared_imports: Sequence[str]
    imports: Sequence[str]
    # Where the applications run, if not where they were loaded.
    directory_after: Optional[str]
    # Of each gateway; empty where there is none.
    gateway_sockets: Sequence[str]
    direct_sockets: Sequence[DirectSocket]
    backlog: int
    buffer_size: int
    # Bytes of a body, and variables of a uwsgi packet; 0 means no limit.
    limit_post: int
    max_variables: int
    socket_timeout_seconds: float
    tcp_keep_alive: bool
    post_buffering: PostBuffering
    log_requests: bool
    request_log: RequestLogConfig
    # Their lines go to loggers of their own.
    request_log_apart: bool
    # What the application writes is labelled: `text`, `json`, or `off`.
    log_attribution: str
    exceptions: ExceptionRules
    # Of the stacks of the server's threads but the first; 0 leaves that to the system.
    thread_stack_bytes: int
    # Header lines that every response gets, and names that the application's lose.
    headers_added: Sequence[str]
    headers_removed: Sequence[str]
    # Files in the place of the server's own pages, by status.
    error_pages: Mapping[str, Sequence[str]]
    orphan_seconds: float
    scoreboard_path: str
    # Where lines about requests wait to be written.
    line_buffers_path: str
    hooks: Hooks
    names: Optional[ProcessNames]
    # The pid of the master; 0 without one.
    master_pid: int
    # Every option as it was written, in order; True for a flag without a value.
    options: Sequence[Tuple[str, Union[str, bool]]]
    # uWSGI's magic variables, by letter.
    magic: Mapping[str, str]
    harakiri_ms: int
    # User locks besides the first.
    locks: int
    # Folders of which the application may name a file in X-Sendfile.
    sent_folders: Sequence[str]
    # Caches and metrics.
    shared: Shared


def read_config(message: Mapping[str, Any]) -> Config:
    """The `configure` message in our own names."""
    return Config(
        site=message["site"],
        version=message["version"],
        node=message["node"],
        applications=[_read_mounted(each) for each in message["applications"]],
        manages_script_name=message["manageScriptName"],
        has_default=message["hasDefault"],
        lazy=message["lazy"],
        warmup=Warmup([_read_warmup(each) for each in message["warmup"]["requests"]], message["warmup"]["seconds"]),
        auto_reload_seconds=message["autoReload"]["seconds"],
        auto_reload_ignore=message["autoReload"]["ignore"],
        need_app=message["needApp"],
        processes=message["processes"],
        threads=message["threads"],
        max_requests=message["maxRequests"],
        max_requests_delta=message["maxRequestsDelta"],
        reload_on=MemoryLimits(message["reloadOn"]["rss"], message["reloadOn"]["as"]),
        limit_as_bytes=message["limitAsBytes"],
        limit_processes=message["limitProcesses"],
        python_path=message["pythonPath"],
        executable=message["executable"],
        arguments=message["arguments"],
        aliases=[(name, location) for name, location in message["aliases"]],
        shared_imports=message["sharedImports"],
        imports=message["imports"],
        directory_after=message["directoryAfter"],
        gateway_sockets=message["gatewaySockets"],
        direct_sockets=[DirectSocket(each["fd"], each["name"]) for each in message["directSockets"]],
        backlog=message["backlog"],
        buffer_size=message["bufferSize"],
        limit_post=message["limitPost"],
        max_variables=message["maxVariables"],
        socket_timeout_seconds=message["socketTimeoutSeconds"],
        tcp_keep_alive=message["tcpKeepAlive"],
        post_buffering=PostBuffering(message["postBuffering"]["threshold"], message["postBuffering"]["blockSize"]),
        log_requests=message["logRequests"],
        request_log=_read_request_log(message["requestLog"]),
        request_log_apart=message["requestLogApart"],
        log_attribution=message["logAttribution"],
        exceptions=_read_exceptions(message["exceptions"]),
        thread_stack_bytes=message["threadStackBytes"],
        headers_added=message["headers"]["added"],
        headers_removed=message["headers"]["removed"],
        error_pages=message["errorPages"],
        orphan_seconds=message["orphanSeconds"],
        scoreboard_path=message["scoreboard"]["path"],
        line_buffers_path=message["lineBuffers"]["path"],
        hooks=read_hooks(message["hooks"]),
        names=read_names(message["names"]),
        master_pid=message["masterPid"],
        options=[(name, value) for name, value in message["options"]],
        magic=message["magic"],
        harakiri_ms=message["harakiriMs"],
        locks=message["locks"],
        sent_folders=message["sentFolders"],
        shared=read_shared(message["shared"]),
    )


def _read_exceptions(message: Mapping[str, Any]) -> ExceptionRules:
    reload = message["reload"]
    return ExceptionRules(message["areShown"], reload["any"], reload["types"], reload["values"], reload["reprs"])


def _read_request_log(message: Mapping[str, Any]) -> RequestLogConfig:
    chosen = message["selection"]
    selection = LogSelection(
        client_errors=chosen["clientErrors"],
        server_errors=chosen["serverErrors"],
        slow_ms=chosen["slowMs"],
        empty=chosen["empty"],
        big_bytes=chosen["bigBytes"],
        files=chosen["files"],
        broken=chosen["broken"],
    )
    parts = [LogPart(each["kind"], each["value"], each.get("isQuoted", False)) for each in message["parts"]]
    return RequestLogConfig(message["form"], parts, message["dateFormat"], selection)


def _read_warmup(message: Mapping[str, Any]) -> WarmupRequest:
    return WarmupRequest(
        text=message["text"],
        scheme=message["scheme"],
        host=message["host"],
        target=message["target"],
        application=message["application"],
        script_name=message["scriptName"],
        path_info=message["pathInfo"],
    )


def _read_mounted(message: Mapping[str, Any]) -> MountedSource:
    source = message["source"]
    location = source[{"file": "path", "module": "name", "eval": "code", "paste": "uri"}[source["kind"]]]
    # What a client sends arrives as latin-1 characters, one for each byte.
    mountpoint = message["mountpoint"].encode().decode("latin-1")
    default = "" if source["kind"] == "paste" else "application"
    application = ApplicationSource(source["kind"], location, message["callable"] or default, source.get("isLogged", False))
    return MountedSource(message["number"], mountpoint, application)
