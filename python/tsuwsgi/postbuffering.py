"""post-buffering: a body is read whole before the application runs, so that it can seek in `wsgi.input`.

A body that is already here is in memory and stays there. One that still comes is kept in memory below the threshold, and else in a temporary
file without a name, which is gone with the request or with this process.
"""

from __future__ import annotations

import importlib
import io
from typing import Any, Callable, Iterable, Optional

from tsuwsgi.config import PostBuffering
from tsuwsgi.wsgi import Application, Environ


def prepare(settings: PostBuffering) -> None:
    """Loads what makes files, where bodies are collected: for all workers, before the application can shadow it. Other starts do not wait for it."""
    if settings.threshold > 0:
        for name in ("shutil", "tempfile"):
            importlib.import_module(name)


class BodyCollector:
    """The bodies of one slot, of which there is one at a time."""

    def __init__(self, settings: PostBuffering) -> None:
        self._threshold = settings.threshold
        # What goes to a file was not meant to go there in smaller pieces than what is kept in memory; as in uWSGI.
        self._block_size = max(settings.block_size, settings.threshold)
        self._file: Optional[Any] = None

    def run(self, application: Application, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """The application, with its body collected. What goes wrong meanwhile goes wrong as if the application had read."""
        stream = environ["wsgi.input"]
        if type(stream) is not io.BytesIO:
            environ["wsgi.input"] = self._collect(stream, environ.get("CONTENT_LENGTH"))
        return application(environ, start_response)

    def release(self) -> None:
        """The request is over."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _collect(self, stream: Any, length: Optional[str]) -> Any:
        # Never more than there is: a read of so many bytes allocates them first.
        begun = stream.read(min(self._threshold, int(length)) if length else self._threshold)
        if len(begun) < self._threshold:
            return io.BytesIO(begun)
        import shutil
        import tempfile

        self._file = file = tempfile.TemporaryFile(prefix="tsuwsgi-body-")
        file.write(begun)
        shutil.copyfileobj(stream, file, self._block_size)
        file.seek(0)
        return file
