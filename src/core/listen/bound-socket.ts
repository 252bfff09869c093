/** A socket that this process owns and on which nobody listens yet. */
export interface BoundSocket {
  readonly fd: number;
  /** What another process can be sent of it; undefined for a descriptor that somebody else has opened. */
  readonly handle: object | undefined;
  /** The address as it came out: with the port that the system chose for port 0. */
  readonly name: string;
  /** The TCP port, undefined for the other kinds. */
  readonly port: number | undefined;
  /** The file of a Unix socket. The inode tells it from one that another server puts in its place later. */
  readonly file: { readonly path: string; readonly inode: number } | undefined;
}
