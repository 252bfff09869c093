/**
 * What load balancers and supervisors want to know of a server:
 *
 *     starting ──▶ serving ◀──▶ paused
 *        │            │           │
 *        │            └──▶ draining: accepts and serves, but wants to be left alone
 *        └────────────────────┴──▶ stopping: finishes what is in flight
 */
export type Phase = 'starting' | 'serving' | 'paused' | 'draining' | 'stopping';
