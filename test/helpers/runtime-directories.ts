import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Server } from './server.ts';

/** What is private to this server, as long as it runs. */
export function runtimeDirectories(server: Server): readonly string[] {
  return readdirSync('/dev/shm')
    .filter((name) => name.startsWith(`tsuwsgi-${String(server.pid)}-`))
    .map((name) => join('/dev/shm', name));
}
