"""Binds a Unix socket, gives it to the command that follows as descriptor 3, and becomes that command.

inherit-socket.py [--systemd] PATH COMMAND…    with --systemd LISTEN_FDS and LISTEN_PID are set as systemd sets them
"""

import os
import socket
import sys

words = sys.argv[1:]
if words[0] == "--systemd":
    words.pop(0)
    os.environ["LISTEN_FDS"] = "1"
    os.environ["LISTEN_PID"] = str(os.getpid())
path, *command = words
listener = socket.socket(socket.AF_UNIX)
listener.bind(path)
listener.listen()
os.dup2(listener.fileno(), 3)
os.set_inheritable(3, True)
os.execv(command[0], command)
