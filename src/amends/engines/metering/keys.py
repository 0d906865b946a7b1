"""The one key of a notice: who owes it and who audits it compute it alike, and never share state.

The engine, the auditor and the feeds of other systems name a notice by the same key, so that what
was owed and what was sent meet without a table in between. A new period, a top-up, another version
of the duty or another step is another key; nothing is ever re-armed by deleting one.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from amends.platform.kit.digests import digests_of, hex_of

_SEPARATOR = "\x1f"


def notice_key(
    *, subscriber: str, service: str, duty: str, version: str, period: str, step: str = ""
) -> str:
    """32 hexadecimal digits for one notice.

    subscriber, service  pseudonym and reference of the service
    duty, version        e.g. `cn.near_limit` and the version of the rule that obliges
    period   what the notice belongs to: for counters the local first day of the billing period
             (`2026-11-01`), with `+<reference>` after a top-up, and `/<counter>` where a duty has
             the same step for several counters (`2026-11-01/data`); for orders, changes, stops and
             contracts their reference or the local day they take effect; for journeys the country
             and the local day of arrival (`TH@2026-11-03`)
    step     the step crossed (`80`, `100`, `cap`), "" where the duty has none

    >>> one = dict(subscriber="p1", service="s1", duty="cn.near_limit", version="2012-07-01")
    >>> notice_key(**one, period="2026-11-01", step="80")
    'b9a9825b8e58cc4572764da3173e0a2f'
    """
    named = (subscriber, service, duty, version, period, step)
    return sha256(_SEPARATOR.join(named).encode()).hexdigest()[:32]


def notice_keys(*named: Any) -> Any:
    """The keys of many notices, as an Arrow column.

    named  Arrow columns of texts, in the order of `notice_key`; some may be joined already

    >>> one = dict(subscriber="p1", service="s1", duty="d", version="v", period="2026", step="")
    >>> notice_keys(*([value] for value in one.values())).to_pylist() == [notice_key(**one)]
    True
    """
    columns = [pa.array(column).cast(pa.large_string()) for column in named]
    joined = pc.binary_join_element_wise(*columns, pa.scalar(_SEPARATOR, pa.large_string()))
    return hex_of(digests_of(joined)[:, :16])
