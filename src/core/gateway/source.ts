/** Whoever brings a response and can be asked to wait while its client does not read. */
export interface Source {
  pause(): void;
  resume(): void;
}
