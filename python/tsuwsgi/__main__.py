"""Entry of the spawner: `python3 .../tsuwsgi/__main__.py <control socket> <generation>`.

No annotation and no f-string here: an interpreter that is too old must get as far as the message that says so.
"""

import gc
import os
import sys


def main():
    if sys.version_info < (3, 8):
        sys.stderr.write(
            "tsuwsgi needs Python 3.8 or later; %s is %s. Choose another one with --python.\n" % (sys.executable, sys.version.split()[0])
        )
        sys.exit(1)
    control_path, generation = sys.argv[1], int(sys.argv[2])
    spawner = import_runtime()
    # The application sees the command line that it would see under uWSGI.
    sys.argv = ["uwsgi"]
    spawner.main(control_path, generation)


def import_runtime():
    """The spawner module and all that it needs, without leaving a trace of ours on sys.path."""
    package = os.path.dirname(os.path.abspath(__file__))
    if sys.path and os.path.abspath(sys.path[0]) == package:
        # Python put the script's directory there; our `wsgi.py` must not shadow the application's.
        del sys.path[0]
    parent = os.path.dirname(package)
    sys.path.insert(0, parent)
    # All of it stays: to look for garbage among it again and again took an eighth of the time.
    gc.disable()
    try:
        # Everything is imported now, in the spawner: the workers share the memory, and the application cannot shadow a module of ours.
        from tsuwsgi import spawner
    finally:
        gc.enable()
        sys.path.remove(parent)
    return spawner


if __name__ == "__main__":
    main()
