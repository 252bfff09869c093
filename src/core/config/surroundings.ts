/** What config files can ask about the machine and the process. */
import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { availableParallelism, hostname, userInfo } from 'node:os';
import { version } from '../util/version.ts';

export interface ConfigSurroundings {
  readonly environment: NodeJS.ProcessEnv;
  /** Where the server was started: relative paths are seen from here. */
  readonly directory: string;
  readonly hostname: string;
  readonly processors: number;
  /** Microseconds since 1970. */
  readonly startedUs: number;
  readonly version: string;
  /** The program, symbolic links resolved. */
  readonly program: string;
  readonly user: () => { readonly uid: number; readonly name: string; readonly gid: number; readonly group: string };
  /** The server reads its configuration again for a reload. */
  readonly isReload: boolean;
}

/** Those of this process. */
export function surroundingsOf(environment: NodeJS.ProcessEnv, isReload = false): ConfigSurroundings {
  return {
    environment,
    directory: process.cwd(),
    hostname: hostname(),
    processors: availableParallelism(),
    startedUs: Math.round((performance.timeOrigin + performance.now()) * 1000),
    version: version(),
    program: programPath(),
    user: whoWeAre,
    isReload,
  };
}

function programPath(): string {
  const path = process.argv[1] ?? process.execPath;
  try {
    return realpathSync(path);
  } catch {
    return path; // was removed since it was started
  }
}

function whoWeAre(): { uid: number; name: string; gid: number; group: string } {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  return {
    uid,
    gid,
    get name() {
      return userName(uid);
    },
    get group() {
      return groupName(gid);
    },
  };
}

function userName(uid: number): string {
  try {
    return userInfo().username;
  } catch {
    return String(uid); // a number without an account, as containers have it
  }
}

function groupName(gid: number): string {
  try {
    return execFileSync('id', ['-gn'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return String(gid); // a group without a name
  }
}
