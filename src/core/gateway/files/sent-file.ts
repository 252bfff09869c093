/** Files that an application gives to `wsgi.file_wrapper`: the gateway opens them itself, so that the worker need not wait for the client. */
import { type FileHandle, open } from 'node:fs/promises';
import type { SentFile } from '../../wire/messages.ts';
import type { Answering } from '../answering.ts';
import { FileSender } from './file-sender.ts';
import { OPEN_FLAGS } from './found-file.ts';

/** Undefined where it is not the file that the application has, or this process may not read it. Whoever gets it closes it. */
export async function openSentFile(file: SentFile): Promise<FileHandle | undefined> {
  const handle = await open(file.path, OPEN_FLAGS).catch(() => undefined);
  if (!handle) return undefined;
  try {
    if (await isSame(handle, file)) return handle;
  } catch {
    // Then nothing is known of it.
  }
  await handle.close();
  return undefined;
}

async function isSame(handle: FileHandle, { device, inode, position, size }: SentFile): Promise<boolean> {
  const found = await handle.stat({ bigint: true });
  return found.isFile() && found.dev === device && found.ino === inode && found.size >= BigInt(position + size);
}

/** Sends the rest of the body, and closes the file. */
export async function sendFile(exchange: Answering, handle: FileHandle, { position, size, path }: SentFile): Promise<void> {
  try {
    await new FileSender(exchange, handle).append({ before: '', from: position, to: position + size });
  } catch (error) {
    exchange.fail(500, `${path.toString()}: ${(error as Error).message}`);
  } finally {
    await handle.close();
  }
}
