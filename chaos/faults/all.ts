import { CLIENTS } from './clients.ts';
import { CLOCK } from './clock.ts';
import { DESCRIPTORS } from './descriptors.ts';
import { DISK } from './disk.ts';
import type { Fault } from './fault.ts';
import { MEMORY } from './memory.ts';
import { PROCESSES } from './processes.ts';
import { RELOADS } from './reloads.ts';
import { SCALING } from './scaling.ts';

/** All faults, in the order of the table. */
export const FAULTS: readonly Fault[] = [...PROCESSES, ...RELOADS, ...SCALING, ...MEMORY, ...DISK, ...DESCRIPTORS, ...CLIENTS, ...CLOCK];
