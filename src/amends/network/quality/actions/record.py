"""Record a speed test from what its measurement server signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from amends.network.measurement.signing import verify
from amends.network.measurement.validity import (
    figures,
    invalid_reasons,
    loaded_rtt_ms,
    round_trips_per_minute,
)
from amends.network.quality.actions.locate import MAX_STREAMS, shared_secret
from amends.network.quality.models import Campaign, SpeedTest
from amends.network.quality.rules.radio import read_radio
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.ids import tracking_code
from amends.record.catalogue.queries import areas
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append

_OLDEST = timedelta(days=1)
_AHEAD = timedelta(minutes=5)
_PROBES, _CURVE = 1_000, 200
_SLOWEST_MS = 60_000
_CONDITIONS = ("wired", "other_traffic", "vpn", "cpu_share", "clock_skew_s", "network", "promised")
_CONDITION_LENGTH = 20


class UnableToRecordTest(BadInput):
    """The results are not those of one whole test."""

    code = "test_not_recorded"


class UnableToRecordTwice(Refused):
    """The test is on record already."""

    code = "test_on_record"


@dataclass(frozen=True, slots=True)
class NewTest:
    """A test as a client hands it in.

    results    signed by the measurement server, one of each stream each way: what counts
    loaded_ms  round trips beside the load, of the client's own clock
    """

    results: Sequence[str]
    loaded_ms: Sequence[float] = ()
    conditions: Mapping[str, Any] = field(default_factory=dict)
    curve: Mapping[str, Sequence[float]] = field(default_factory=dict)
    subscriber: str = ""
    campaign: str = ""
    area: str = ""
    radio: Mapping[str, Any] = field(default_factory=dict)


def record(new: NewTest, *, now: datetime) -> SpeedTest:
    """Keep the test with the reasons why it may not count, and state it as a fact."""
    results = _verified(new.results)
    at = _refuse_what_is_no_test(results, now)
    try:
        with transaction.atomic():
            row = SpeedTest.objects.create(
                code=tracking_code(),
                test=results[0]["test"],
                at=at,
                server=results[0]["server"][:80],
                **_figures(new, results) | _whose(new),
            )
            append([_fact(row)], now=now)
    except IntegrityError as error:
        raise UnableToRecordTwice(
            _("This test is on record already."),
            meaning=_("It counts once."),
            next_step=_("Run another test."),
        ) from error
    return row


def _verified(signed_texts: Sequence[str]) -> list[dict[str, Any]]:
    """What the measurement server signed: every text of `given`, or it is refused."""
    if len(signed_texts) > 2 * MAX_STREAMS:
        raise UnableToRecordTest(
            _("A test has at most %(most)s results."),
            meaning=_("Nothing was recorded."),
            next_step=_("Run the test again from the speed test page."),
            values={"most": 2 * MAX_STREAMS},
        )
    secret = shared_secret()
    results = [verify("result", text, secret=secret) for text in signed_texts]
    if any("streams" not in stream_result for stream_result in results):
        raise UnableToRecordTest(
            _("The measurement server is older than this installation and does not count streams."),
            meaning=_("Nothing was recorded."),
            next_step=_("Ask the operator to update the measurement server."),
        )
    return results


def _figures(new: NewTest, results: list[dict[str, Any]]) -> dict[str, Any]:
    """What was measured, under which conditions, and why it may not count."""
    conditions = _conditions(new.conditions)
    measured = figures(results)
    loaded = [number for number in _numbers(new.loaded_ms, _PROBES) if 0 < number < _SLOWEST_MS]
    trip, streams = loaded_rtt_ms(loaded), results[0]["streams"]
    promised = conditions.get("promised")
    return {
        "method": "ndt7" if streams <= 1 else f"ndt7 x{streams}",
        "down_kbps": round(measured.down_mbps * 1000),
        "up_kbps": round(measured.up_mbps * 1000),
        "min_rtt_us": round(measured.min_rtt_ms * 1000),
        "loaded_rtt_us": None if trip is None else round(trip * 1000),
        "rpm": round_trips_per_minute(loaded),
        "promised_down_kbps": round(promised * 1000) if promised else None,
        "invalid_because": list(invalid_reasons(results, conditions)),
        "conditions": conditions,
        "curve": {
            name: [round(number, 2) for number in _numbers(new.curve.get(name, ()), _CURVE)]
            for name in ("download", "upload")
        },
        "results": list(new.results),
        "radio": read_radio(new.radio),
        "area": new.area if any(area.code == new.area for area in areas()) else "",
    }


def _whose(new: NewTest) -> dict[str, Any]:
    """The series a test belongs to, with what it promises and whose it is.

    Where the series is attached to a complaint, its later tests are too.
    """
    campaign = Campaign.objects.filter(code=new.campaign).first() if new.campaign else None
    if campaign is None:
        return {"subscriber": new.subscriber}
    tied = campaign.tests.exclude(complaint="").first()
    of_complaint = {"complaint": tied.complaint, "service": tied.service} if tied else {}
    promised = round(campaign.plan.get("down_max_mbps", 0) * 1000) or None
    own = {"campaign": campaign, "subscriber": campaign.subscriber}
    return own | {"promised_down_kbps": promised} | of_complaint


def _refuse_what_is_no_test(results: Sequence[Mapping[str, Any]], now: datetime) -> datetime:
    """The moment of the test; refused if these are not results of one recent test.

    What is missing or there twice does not count, with the reason; see `invalid_because`.
    """
    if len({(stream_result["test"], stream_result["server"]) for stream_result in results}) != 1:
        raise UnableToRecordTest(
            _("These are not the results of one test."),
            meaning=_("Nothing was recorded."),
            next_step=_("Run the test again from the speed test page."),
        )
    at = min(datetime.fromisoformat(stream_result["at"]) for stream_result in results)
    if not now - _OLDEST <= at <= now + _AHEAD:
        raise UnableToRecordTest(
            _("The test is older than a day, or the measurement server's clock is wrong."),
            meaning=_("Nothing was recorded."),
            next_step=_("Run the test again from the speed test page."),
        )
    return at


def _conditions(conditions: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of the conditions; texts cut, all else left out."""
    accepted: dict[str, Any] = {}
    for name in _CONDITIONS:
        value = conditions.get(name)
        if isinstance(value, bool) or (isinstance(value, (int, float)) and 0 <= abs(value) < 1e6):
            accepted[name] = value
        elif isinstance(value, str) and name == "network":
            accepted[name] = value[:_CONDITION_LENGTH]
    for name in ("cpu_share", "clock_skew_s", "promised"):
        if isinstance(accepted.get(name), bool):
            del accepted[name]
    return accepted


def _numbers(numbers: Any, limit: int) -> list[float]:
    return [float(number) for number in list(numbers)[:limit] if type(number) in (int, float)]


def _fact(row: SpeedTest) -> Fact:
    payload: dict[str, str | int] = {
        "down_kbps": row.down_kbps,
        "up_kbps": row.up_kbps,
        "rtt_us": row.min_rtt_us,
        "method": row.method if row.valid else f"{row.method}, invalid",
    }
    if row.area:
        payload["area"] = row.area
    if row.promised_down_kbps:
        payload["promised_down_kbps"] = row.promised_down_kbps
    return Fact(
        kind="SpeedMeasured",
        subscriber=row.subscriber,
        subject=row.code,
        happened_at=row.at,
        source="quality",
        payload=payload,
    )
