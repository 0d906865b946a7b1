"""Lines packed for a table or a cluster are the same lines."""

import subprocess
import sys

import numpy as np
from tests.rules.notices import engine_world as world

from amends.engines.metering.engine.portable import packed, unpacked


def test_packed_lines_are_read_again():
    batch = world.random_batch(np.random.default_rng(4), 3_000, 11)
    lines = world.run(world.rules(), world.memory(), batch)[2].lines
    read = unpacked(packed(lines))
    assert read.state.tobytes() == lines.state.tobytes()
    assert read.terms.tobytes() == lines.terms.tobytes()
    assert read.terms.flags.writeable


def test_the_engine_needs_no_django():
    asked = "import sys; import amends.engines.metering.engine.advance; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
