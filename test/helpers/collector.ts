import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from './eventually.ts';
import { onEnd, type Scope } from './scope.ts';

type Plain = string | number | boolean;

/** A span as it came, with its attributes as plain values. */
export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly name: string;
  readonly kind: number;
  /** In seconds. */
  readonly duration: number;
  readonly attributes: Readonly<Record<string, Plain>>;
  readonly events: readonly { readonly name: string; readonly attributes: Readonly<Record<string, Plain>> }[];
  readonly status: { readonly code: number; readonly message?: string };
  /** Of the service that sent it. */
  readonly resource: Readonly<Record<string, Plain>>;
}

interface Pair {
  readonly key: string;
  readonly value: Readonly<Record<string, Plain>>;
}

interface SentSpan extends Omit<CollectedSpan, 'attributes' | 'events' | 'duration' | 'resource'> {
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Pair[];
  readonly events: readonly { readonly name: string; readonly attributes: readonly Pair[] }[];
}

interface Sent {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Pair[] };
    readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[];
  }[];
}

/** What takes spans by OTLP over HTTP, in JSON. */
export class Collector {
  readonly url: string;
  readonly spans: CollectedSpan[] = [];
  /** Of each message that came, with the path where it came. */
  readonly messages: { readonly path: string; readonly headers: IncomingHttpHeaders }[] = [];

  private constructor(port: number) {
    this.url = `http://127.0.0.1:${String(port)}`;
  }

  static async start(scope: Scope): Promise<Collector> {
    const server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        collector.messages.push({ path: request.url ?? '', headers: request.headers });
        collector.spans.push(...spansOf(JSON.parse(Buffer.concat(pieces).toString()) as Sent));
        response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const collector = new Collector((server.address() as AddressInfo).port);
    onEnd(scope, () => {
      server.close();
      server.closeAllConnections();
    });
    return collector;
  }

  /** So many of them, once they are here. */
  has(count: number): Promise<readonly CollectedSpan[]> {
    return eventually(`${String(count)} spans`, () => this.spans.length >= count && this.spans);
  }

  /** That of a request for this path. */
  of(path: string): Promise<CollectedSpan> {
    return eventually(`a span of ${path}`, () => this.spans.find(({ attributes }) => attributes['url.path'] === path));
  }
}

function spansOf({ resourceSpans }: Sent): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        ...span,
        duration: Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e9,
        attributes: plain(span.attributes),
        events: span.events.map(({ name, attributes }) => ({ name, attributes: plain(attributes) })),
        resource: plain(resource.attributes),
      })),
    ),
  );
}

function plain(pairs: readonly Pair[]): Record<string, Plain> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, Object.values(value)[0] ?? '']));
}
