"""Tells systemd how the server is, for a Node that has no datagram sockets: `python3 -I -S .../notify.py <socket>`.

Each line of standard input is a JSON string, which is sent as one datagram: `"READY=1\\nSTATUS=4 workers"`. The end of the input is its end.
"""

import json
import signal
import socket
import sys


def main() -> None:
    # systemd ends all processes of a unit together; the last word of the master is yet to be passed on.
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, signal.SIG_IGN)
    name = sys.argv[1]
    # The kernel's spelling of an abstract name; systemd's begins with @.
    address = "\0" + name[1:] if name.startswith("@") else name
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        for line in sys.stdin:
            try:
                sender.sendto(json.loads(line).encode(), address)
            except OSError as error:
                sys.stderr.write(f"systemd cannot be told at {name}: {error.strerror}\n")


if __name__ == "__main__":
    main()
