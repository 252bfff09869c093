"""What the configuration wants done at certain moments of the spawner and its workers. The master has the same in hook-actions.ts."""

from __future__ import annotations

import grp
import os
import pwd
import socket
from stat import S_IMODE, S_ISDIR, S_ISREG, S_ISVTX
from time import monotonic, sleep
from typing import Any, Callable, Dict, Mapping, NamedTuple, NoReturn, Optional, Sequence

from tsuwsgi import log

# As long as uWSGI waits for what is not there yet.
_WAIT_SECONDS = 60.0
_LOOK_SECONDS = 0.1


class HookStep(NamedTuple):
    """One thing to do. The option and its text are what the log shows."""

    option: str
    text: str
    action: str
    words: Sequence[str]


Hooks = Mapping[str, Sequence[HookStep]]


class HookFailed(Exception):
    """It cannot be done; the status is the one to end with."""

    def __init__(self, reason: str, status: int = 1) -> None:
        super().__init__(reason)
        self.status = status


def read_hooks(message: Mapping[str, Sequence[Mapping[str, Any]]]) -> Hooks:
    return {moment: [HookStep(each["option"], each["text"], each["action"], each["words"]) for each in steps] for moment, steps in message.items()}


def run(steps: Sequence[HookStep]) -> None:
    """One after the other. Raises HookFailed for the first one that cannot be done."""
    for step in steps:
        name = f"{step.option} = {step.text}"
        log.write_text(f"running {name}\n")
        try:
            _ACTIONS[step.action](*step.words)
        except HookFailed as error:
            raise HookFailed(f"{name}: {error}", error.status) from error
        except (OSError, KeyError, ValueError) as error:
            raise HookFailed(f"{name}: {error}") from error


def _execute(command: str) -> None:
    log.flush()
    status = os.system(command)
    if os.WIFSIGNALED(status):
        raise HookFailed(f'command "{command}" was ended by signal {os.WTERMSIG(status)}')
    if status != 0:
        raise HookFailed(f'command "{command}" exited with non-zero code: {os.WEXITSTATUS(status)}')


def _execute_safely(command: str) -> None:
    try:
        _execute(command)
    except HookFailed as error:
        log.say(str(error))


def _exit(status: str) -> NoReturn:
    raise HookFailed("ends it", int(status or "0"))


def _print(text: str) -> None:
    log.write_text(f"{text}\n")


def _writer(flags: int, end: str) -> Callable[[str, str], None]:
    def write(path: str, text: str) -> None:
        descriptor = os.open(path, os.O_WRONLY | flags, 0o666)
        try:
            os.write(descriptor, os.fsencode(text + end))
        finally:
            os.close(descriptor)

    return write


_overwrite = _writer(os.O_CREAT | os.O_TRUNC, "")


def _create(path: str) -> None:
    _overwrite(path, "")


def _change_mode(path: str, mode: str) -> None:
    os.chmod(path, int(mode, 8))


def _make_sticky(path: str) -> None:
    os.chmod(path, S_IMODE(os.stat(path).st_mode) | S_ISVTX)


def _change_owner(path: str, user: str, group: str) -> None:
    uid = int(user) if user.isdigit() else pwd.getpwnam(user).pw_uid
    gid = int(group) if group.isdigit() else grp.getgrnam(group).gr_gid
    os.chown(path, uid, gid)


def _put_environment(assignment: str) -> None:
    name, _, value = assignment.partition("=")
    os.environ[name] = value


def _wait_for(what: str, is_there: Callable[[], bool]) -> None:
    deadline = monotonic() + _WAIT_SECONDS
    while not is_there():
        if monotonic() > deadline:
            raise HookFailed(f"{what} is not there after {_WAIT_SECONDS:.0f} seconds")
        sleep(_LOOK_SECONDS)


def _mode_of(path: str) -> Optional[int]:
    try:
        return os.stat(path).st_mode
    except OSError:
        return None


def _wait_for_anything(path: str) -> None:
    _wait_for(path, lambda: _mode_of(path) is not None)


def _wait_for_file(path: str) -> None:
    _wait_for(path, lambda: S_ISREG(_mode_of(path) or 0))


def _wait_for_directory(path: str) -> None:
    _wait_for(path, lambda: S_ISDIR(_mode_of(path) or 0))


def _wait_for_socket(address: str) -> None:
    _wait_for(address, lambda: _answers(address))


def _answers(address: str) -> bool:
    host, colon, port = address.rpartition(":")
    try:
        if colon:
            socket.create_connection((host.strip("[]") or "127.0.0.1", int(port)), _LOOK_SECONDS).close()
        else:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect("\0" + address[1:] if address.startswith("@") else address)
    except OSError:
        return False
    return True


_ACTIONS: Dict[str, Callable[..., None]] = {
    "exec": _execute,
    "safeexec": _execute_safely,
    "exit": _exit,
    "print": _print,
    "log": log.say,
    "cd": os.chdir,
    "chdir": os.chdir,
    "mkdir": os.mkdir,
    "create": _create,
    "creat": _create,
    "write": _overwrite,
    "writen": _writer(os.O_CREAT | os.O_TRUNC, "\n"),
    "append": _writer(os.O_CREAT | os.O_APPEND, ""),
    "appendn": _writer(os.O_CREAT | os.O_APPEND, "\n"),
    "writefifo": _writer(os.O_NONBLOCK, ""),
    "unlink": os.unlink,
    "chmod": _change_mode,
    "sticky": _make_sticky,
    "chown": _change_owner,
    "chown2": _change_owner,
    "putenv": _put_environment,
    "wait_for_fs": _wait_for_anything,
    "wait_for_file": _wait_for_file,
    "wait_for_dir": _wait_for_directory,
    "wait_for_socket": _wait_for_socket,
}
