"""Which services are enrolled as lines. Apart from the engine, so that pages may ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from amends.causes.notices.engine_models import LineNames


def enrolled(services: Sequence[str]) -> list[str]:
    """Those of some services that are enrolled."""
    named = pa.array(services, pa.string())
    enrolled_names: list[str] = named.filter(pa.array(already_enrolled(named))).to_pylist()
    return enrolled_names


def already_enrolled(services: Any) -> Any:
    """For each of an Arrow array of services, whether it is enrolled."""
    is_enrolled = np.zeros(len(services), np.bool_)
    for row in LineNames.objects.order_by("number").iterator(chunk_size=16):
        names = pa.ipc.open_file(pa.BufferReader(bytes(row.names))).read_all()["service"]
        is_enrolled |= pc.is_in(services, value_set=names.combine_chunks()).to_numpy(False)
    return is_enrolled
