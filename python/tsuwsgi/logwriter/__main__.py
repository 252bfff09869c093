"""Entry of the log writer: `python3 -I -S .../tsuwsgi/logwriter <runtime directory>`.

Standard input brings orders and descriptor 3 takes reports, a JSON object a line each; descriptors 1 and 2 are the output of the server.
"""

import os
import signal
import sys


def main() -> None:
    # What is logged while the server stops is yet to be written; it is the master that ends this process.
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP, signal.SIGUSR1, signal.SIGUSR2):
        # Not ignored, which the commands of `pipe:` would inherit.
        signal.signal(number, lambda *_: None)
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    from tsuwsgi.logwriter.writer import Writer

    writer = Writer.begin(sys.argv[1])
    if writer is None:
        sys.exit(1)
    writer.run()


if __name__ == "__main__":
    main()
