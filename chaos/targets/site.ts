import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The application of all servers, and what is done to its code. */
export interface Code {
  /** Writes the next version; its name, which is what its pages say. */
  renew(): string;
  /** Puts code in its place that cannot be imported; the file that appears when somebody tries. */
  spoil(): string;
  /** Puts the last version back. */
  mend(): void;
}

/** Writes `app.py` into a directory. */
export function codeIn(dir: string): Code {
  let version = 0;
  const write = (text: string): void => {
    writeFileSync(join(dir, 'app.py'), text);
  };
  write(application(version));
  return {
    renew: () => {
      write(application(++version));
      return nameOf(version);
    },
    spoil: () => {
      const trace = join(dir, `tried-after-${String(version)}`);
      write(`open(${JSON.stringify(trace)}, "w").close()\nraise RuntimeError("this version cannot be imported")\n`);
      return trace;
    },
    mend: () => {
      write(application(version));
    },
  };
}

function nameOf(version: number): string {
  return `version ${String(version)}`;
}

/**
 * Answers with its version, after as long as a small page takes. `/grow?N` keeps N MB and says which process it was, `/stay?N` goes on for
 * some seconds with them, `/hog` asks for memory until it gets none, `/long?N` takes N ms.
 */
function application(version: number): string {
  // Each version has another size: Python takes a compiled file of the same second and size for the new one's.
  return `import os  # ${'v'.repeat(version)}
import select

HOARD = []


def wait(seconds):
    # Not time.sleep(), which fails under libfaketime 0.9.10: it takes an absolute time of the monotonic clock for the wall's.
    select.select([], [], [], seconds)


def grow(megabytes):
    HOARD.append(b"x" * (megabytes << 20))
    return str(os.getpid())


def stay(megabytes):
    grow(megabytes)
    wait(8)
    return "survived"


def hog(_):
    pieces = []
    try:
        # Never written to: address space and no memory, so that no other limit is met before.
        while len(pieces) < 100:
            pieces.append(bytes(32 << 20))
    except MemoryError:
        return "MemoryError"
    return "no limit"


def long(milliseconds):
    wait(milliseconds / 1000)
    return "done"


def page(_):
    wait(0.005)
    return "${nameOf(version)}"


PAGES = {"/grow": grow, "/stay": stay, "/hog": hog, "/long": long}


def application(environ, start_response):
    body = PAGES.get(environ["PATH_INFO"], page)(int(environ["QUERY_STRING"] or 0)).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
`;
}
