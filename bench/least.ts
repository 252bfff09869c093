/**
 * The least that a server in Node.js and pure Python does for a request, as programs of some twenty lines: no rules of HTTP, no limits, no log, no
 * supervision, nothing that a client could do wrong. What is between one of these and a server is what all of that costs.
 */
import type { Scope } from '../test/helpers/scope.ts';
import { PYTHON } from '../test/helpers/paths.ts';
import { startPeer } from './peers.ts';
import type { Started } from './servers.ts';

/** What hello.py answers. */
const ANSWER = String.raw`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\r\nHello World!`;

/** Reads, and answers always the same bytes. */
const NODE_ECHO = `
const answer = Buffer.from('${ANSWER}');
require('net').createServer({ noDelay: true }, (client) => {
  client.on('data', () => client.write(answer)).on('error', () => client.destroy());
}).listen(+process.argv[1], '127.0.0.1');
`;

/** What Node has for HTTP. */
const NODE_HTTP = `
require('http').createServer((request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': 12 });
  response.end('Hello World!');
}).listen(+process.argv[1], '127.0.0.1');
`;

/** What two Python processes share: an environ and a call for each request. */
const PYTHON_CALL = `
from hello import application
BASE = {"SERVER_NAME": "x", "SERVER_PORT": "80", "SCRIPT_NAME": "", "wsgi.version": (1, 0), "wsgi.url_scheme": "http"}

def call(environ):
    head = []
    def start_response(status, headers, exc_info=None):
        lines = "".join([f"{name}: {value}\\r\\n" for name, value in headers])
        head.append(f"HTTP/1.1 {status}\\r\\n{lines}\\r\\n".encode())
    body = application(environ, start_response)
    return head[0] + body[0]
`;

/** Two processes that accept on one socket and keep what they have accepted. */
const PYTHON_ALONE = `
import os, select, socket, sys
${PYTHON_CALL}
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=512)
listener.setblocking(False)
os.fork()
poller = select.epoll()
poller.register(listener, select.EPOLLIN)
clients = {}
while True:
    for fd, _ in poller.poll():
        if fd == listener.fileno():
            try:
                client = listener.accept()[0]
            except BlockingIOError:
                continue
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            clients[client.fileno()] = client
            poller.register(client, select.EPOLLIN)
            continue
        data = clients[fd].recv(65536)
        if not data:
            clients.pop(fd).close()
            continue
        line, *headers = data[:-4].decode("latin-1").split("\\r\\n")
        method, target, protocol = line.split(" ")
        environ = {**BASE, "REQUEST_METHOD": method, "PATH_INFO": target, "SERVER_PROTOCOL": protocol}
        for header in headers:
            name, _, value = header.partition(": ")
            environ["HTTP_" + name.upper().replace("-", "_")] = value
        clients[fd].send(call(environ))
`;

/** A worker behind Node: numbers of connections come, the same numbers with answers go back, as many as there are at a time. */
const PYTHON_WORKER = `
import socket, struct
${PYTHON_CALL}
connection = socket.socket(fileno=3)
while True:
    data = connection.recv(65536)
    if not data:
        break
    answers = []
    for (number,) in struct.iter_unpack("<I", data):
        answer = call({**BASE, "REQUEST_METHOD": "GET", "PATH_INFO": "/", "SERVER_PROTOCOL": "HTTP/1.1"})
        answers.append(struct.pack("<II", number, len(answer)) + answer)
    connection.sendall(b"".join(answers))
`;

/** Node reads, and hands each request to one of two Python processes: the way that a request goes here, and nothing else. */
const RELAY = `
const { spawn } = require('child_process');
const clients = [];
const workers = [0, 1].map(() => {
  const socket = spawn(process.argv[2], ['-c', process.argv[3]], { stdio: ['ignore', 'inherit', 'inherit', 'pipe'] }).stdio[3];
  const worker = { socket, waiting: [], rest: Buffer.alloc(0) };
  socket.on('data', (data) => {
    let bytes = worker.rest.length > 0 ? Buffer.concat([worker.rest, data]) : data;
    while (bytes.length >= 8 && bytes.length >= 8 + bytes.readUInt32LE(4)) {
      const end = 8 + bytes.readUInt32LE(4);
      clients[bytes.readUInt32LE(0)].write(bytes.subarray(8, end));
      bytes = bytes.subarray(end);
    }
    worker.rest = bytes;
  });
  return worker;
});
const send = () => {
  for (const { socket, waiting } of workers) if (waiting.length > 0) socket.write(Buffer.from(new Uint32Array(waiting.splice(0)).buffer));
};
let next = 0;
let isSending = false;
require('net').createServer({ noDelay: true }, (client) => {
  const number = clients.push(client) - 1;
  client.on('data', () => {
    workers[next++ % 2].waiting.push(number);
    if (isSending) return;
    isSending = true;
    setImmediate(() => {
      isSending = false;
      send();
    });
  }).on('error', () => client.destroy());
}).listen(+process.argv[1], '127.0.0.1');
`;

export async function startNodeEcho(scope: Scope): Promise<Started> {
  return startPeer(scope, process.execPath, (port) => ['-e', NODE_ECHO, port]);
}

export async function startNodeHttp(scope: Scope): Promise<Started> {
  return startPeer(scope, process.execPath, (port) => ['-e', NODE_HTTP, port]);
}

export async function startPythonAlone(scope: Scope): Promise<Started> {
  return startPeer(scope, PYTHON, (port) => ['-c', PYTHON_ALONE, port]);
}

export async function startRelay(scope: Scope): Promise<Started> {
  return startPeer(scope, process.execPath, (port) => ['-e', RELAY, port, PYTHON, PYTHON_WORKER]);
}
