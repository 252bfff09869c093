"""Clients that keep a server's connections: arguments HOST PORT IDLE SLOW. Says what it has done, and what came of it on the word "end".

IDLE clients ask once and stay connected. SLOW clients send a large body without an end, 1000 bytes a second each.
"""

import select
import socket
import sys

host, port, idle_count, slow_count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
ASK = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
UPLOAD = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n" + b"x" * 100000
DROP = b"x" * 1000


def ask(connection):
    connection.sendall(ASK)
    return connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def connect():
    return socket.create_connection((host, port), 30)


def is_open(connection):
    """Nothing has come: neither an answer nor an end."""
    poller = select.poll()
    poller.register(connection, select.POLLIN | select.POLLHUP)
    return not poller.poll(0)


idle = [connect() for _ in range(idle_count)]
answered = sum(map(ask, idle))
slow = [connect() for _ in range(slow_count)]
for connection in slow:
    connection.sendall(UPLOAD)
print(f"there: {answered} answered, {len(slow)} slow", flush=True)

commands = select.poll()
commands.register(0, select.POLLIN)
nth = 0
while not commands.poll(100):
    for connection in slow[nth % 10 :: 10]:
        connection.sendall(DROP)
    nth += 1

print(f"end: {sum(map(ask, idle))} answered again, {sum(map(is_open, slow))} still slow", flush=True)
