/** Bytes of the PROXY protocol, version 2. */

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

/** A whole header. */
export function proxyBlock(versionAndCommand: number, family: number, block: Buffer): Buffer {
  const size = Buffer.alloc(2);
  size.writeUInt16BE(block.length);
  return Buffer.concat([SIGNATURE, Buffer.from([versionAndCommand, family]), size, block]);
}

export function tcp4(from: string, to: string, ports: readonly [number, number]): Buffer {
  return Buffer.concat([Buffer.from([...from.split('.'), ...to.split('.')].map(Number)), portsOf(ports)]);
}

/** The addresses as 32 digits each. */
export function tcp6(from: string, to: string, ports: readonly [number, number]): Buffer {
  return Buffer.concat([Buffer.from(from + to, 'hex'), portsOf(ports)]);
}

function portsOf(ports: readonly [number, number]): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16BE(ports[0], 0);
  bytes.writeUInt16BE(ports[1], 2);
  return bytes;
}
