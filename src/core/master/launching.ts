/** How Python is started: the spawners of the sites, and what runs beside the server. */
import { dirname } from 'node:path';
import type { LogFile } from '../log/log-file.ts';
import type { Plan } from '../plan/plan.ts';
import type { SiteLaunch } from '../sites/site.ts';
import type { SpawnerLaunch } from '../workers/spawner.ts';
import type { PythonRun } from './application-metrics.ts';
import type { Doors } from './doors.ts';
import type { Resources } from './resources.ts';
import { directSockets, spawnerConfig } from './server-config.ts';
import { placeSharing } from './sharing.ts';

export interface PythonSettings {
  readonly resources: Pick<Resources, 'children'>;
  /** The environment of the Python processes, without the plan's own variables. */
  readonly environment: NodeJS.ProcessEnv;
  /** python/tsuwsgi/__main__.py of this installation. */
  readonly runtime: string;
}

export interface SpawnerSettings extends PythonSettings {
  readonly version: string;
  readonly resources: Pick<Resources, 'children' | 'directory' | 'scoreboard' | 'lineBuffers'>;
  readonly logFile: Pick<LogFile, 'fd'>;
  readonly doors: Pick<Doors, 'sockets' | 'gatewayPaths'>;
  /** Where the master listens for the Python processes. */
  readonly controlPath: string;
}

/** How a site's spawner is started. Makes the files that it shares with other generations. */
export function spawnerLaunch(plan: Plan, launch: SiteLaunch, settings: SpawnerSettings): SpawnerLaunch {
  const { version, resources, runtime, logFile, controlPath } = settings;
  const { sockets, gatewayPaths } = settings.doors;
  const { children, scoreboard, lineBuffers } = resources;
  const shared = placeSharing(plan.sharing, resources);
  return {
    generation: launch.generation,
    interpreter: launch.site.interpreter,
    flags: plan.application.interpreterFlags,
    prefix: children.prefix,
    directory: launch.site.directory,
    runtime,
    controlPath,
    environment: pythonEnvironment(plan, settings),
    logFd: logFile.fd,
    descriptors: directSockets(sockets).map(({ bound }) => bound.fd),
    config: spawnerConfig(plan, launch, { version, sockets, gatewayPaths, scoreboard, lineBuffers, shared }),
  };
}

/** The first site's interpreter: all of them count in one directory, and any of them that has the library can read it. */
export function pythonRun(plan: Plan, settings: PythonSettings): PythonRun {
  const { sites, application } = plan;
  const command = [...settings.resources.children.prefix, sites[0]?.interpreter ?? 'python3', ...application.interpreterFlags];
  return { command, environment: pythonEnvironment(plan, settings), directory: sites[0]?.directory, runtime: dirname(settings.runtime) };
}

function pythonEnvironment(plan: Plan, { environment }: PythonSettings): NodeJS.ProcessEnv {
  return { ...environment, ...memoryVariables(plan), ...plan.application.environment };
}

/** glibc sets 64 MB of address space aside for each thread's own heap: under limit-as that would be the application's. */
function memoryVariables({ workers }: Plan): NodeJS.ProcessEnv {
  return workers.limitAsBytes > 0 ? { MALLOC_ARENA_MAX: '1' } : {};
}
