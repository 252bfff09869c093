"""X-Sendfile: the application names a file in a header of its answer, and that goes out in place of the body."""

from __future__ import annotations

import io
import os
import stat
from typing import Optional, Sequence, Tuple

from tsuwsgi.responsehead import Headers

_NAME = "x-sendfile"
# Of the body that is not sent, or of the whole file, which has this length here.
_OF_THE_BODY = (_NAME, "content-length")


class SentFiles:
    """The folders below which such files may be."""

    def __init__(self, folders: Sequence[str]) -> None:
        self._folders = [os.path.realpath(os.fsencode(folder)) for folder in folders]

    def take(self, headers: Headers) -> Tuple[Optional[io.FileIO], Headers]:
        """The file that these headers name, open, and the headers of its answer. ValueError where it may not be sent, or is not there."""
        named = [value for name, value in headers if name.lower() == _NAME]
        if not named:
            return None, headers
        file = self._open(named[-1])
        size = os.fstat(file.fileno()).st_size
        kept = [header for header in headers if header[0].lower() not in _OF_THE_BODY]
        return file, [*kept, ("Content-Length", str(size))]

    def _open(self, named: str) -> io.FileIO:
        path = os.path.realpath(named.encode("latin-1"))
        if not any(os.path.commonpath((folder, path)) == folder for folder in self._folders):
            raise ValueError(f"X-Sendfile: {named} is below no folder of x-sendfile")
        try:
            # The real path, in which no link leads elsewhere; of a pipe the other end is not waited for.
            file = io.FileIO(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW))
        except OSError as error:
            raise ValueError(f"X-Sendfile: {named}: {error.strerror}") from None
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            file.close()
            raise ValueError(f"X-Sendfile: {named} is no regular file")
        return file
