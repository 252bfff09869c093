"""Prints what an application's processes count with Prometheus' client library for Python, all of them together.

Run by the master for each scrape with the application's own interpreter and its PROMETHEUS_MULTIPROC_DIR: only the library that wrote the files
there knows how to read them. The word "openmetrics" asks for that format.
"""

from __future__ import annotations

import os
import sys

# Our neighbours have names that the library's own imports may have, too.
del sys.path[0]


def main() -> None:
    try:
        from prometheus_client import CollectorRegistry, generate_latest, multiprocess
        from prometheus_client.openmetrics import exposition as openmetrics
    except ImportError as error:
        sys.exit(f"PROMETHEUS_MULTIPROC_DIR is set, and {sys.executable} has no prometheus_client: {error}")
    registry = CollectorRegistry()
    try:
        multiprocess.MultiProcessCollector(registry)
    except ValueError:
        sys.exit(f"PROMETHEUS_MULTIPROC_DIR is no directory: {os.environ.get('PROMETHEUS_MULTIPROC_DIR')}")
    generate = openmetrics.generate_latest if "openmetrics" in sys.argv[1:] else generate_latest
    sys.stdout.buffer.write(generate(registry))


main()
