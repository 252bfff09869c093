"""Binds a datagram socket and shows what comes, a JSON string a line: datagrams.py PATH, where @NAME is an abstract one."""

import json
import socket
import sys

name = sys.argv[1]
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind("\0" + name[1:] if name.startswith("@") else name)
print("listening", flush=True)
while True:
    print(json.dumps(listener.recv(65536).decode()), flush=True)
