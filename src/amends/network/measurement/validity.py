"""Whether a speed test counts: each reason why not is kept with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from amends.platform.kit.errors import gettext_noop as _

ABSURD_MBPS = 100_000.0
_SHORT_S = 8.0
_CPU_SHARE = 0.9
_CLOCK_SKEW_S = 60.0
_TRIM = 0.95

REASONS = {
    "no_download": _("nothing was downloaded"),
    "no_upload": _("nothing was uploaded"),
    "incomplete": _("the results of some of its parallel streams are missing"),
    "repeated": _("the result of one of its parallel streams was handed in more than once"),
    "short": _("it ended before eight seconds"),
    "absurd": _("a speed no line has"),
    "zeros": _("the upload was of zeros, which a path may compress"),
    "server_loaded": _("the measurement server ran other tests"),
    "other_network": _("it did not run from the operator's network"),
    "not_wired": _("it did not run over a cable"),
    "other_traffic": _("the line was used by something else meanwhile"),
    "vpn": _("it went through a VPN"),
    "cpu_limited": _("the device was too slow for the line"),
    "clock_skew": _("the clocks of device and server differ by more than a minute"),
}
"""Code → why a test does not count, in English."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a test measured, from the signed results of its connections."""

    down_mbps: float
    up_mbps: float
    min_rtt_ms: float
    seconds: float


def figures(results: Sequence[Mapping[str, Any]]) -> Figures:
    """Speeds in Mbit/s by the receiver's counter: all bytes of a direction, each stream once, over
    the time from the first stream's start to the last one's end.

    >>> one = {"stream": 0, "bytes": 12_500_000, "elapsed_us": 10_000_000, "min_rtt_us": 9_000,
    ...        "at": "2026-11-24T02:00:00.000+00:00"}
    >>> figures([one | {"direction": "download"}, one | {"direction": "upload"}]).down_mbps
    10.0
    """
    speeds = {
        direction: _mbps(
            [stream_result for stream_result in results if stream_result["direction"] == direction]
        )
        for direction in ("download", "upload")
    }
    trips = [
        stream_result["min_rtt_us"] for stream_result in results if stream_result["min_rtt_us"]
    ]
    longest = min((stream_result["elapsed_us"] for stream_result in results), default=0) / 1e6
    return Figures(
        down_mbps=round(speeds["download"], 3),
        up_mbps=round(speeds["upload"], 3),
        min_rtt_ms=round(min(trips, default=0) / 1e3, 3),
        seconds=longest,
    )


def _mbps(results: Sequence[Mapping[str, Any]]) -> float:
    """Of the streams of one direction."""
    streams = {stream_result["stream"]: stream_result for stream_result in results}.values()
    if not streams:
        return 0.0
    starts = [round(datetime.fromisoformat(stream["at"]).timestamp() * 1e6) for stream in streams]
    ends = [
        start + stream_result["elapsed_us"]
        for start, stream_result in zip(starts, streams, strict=True)
    ]
    return sum(stream["bytes"] for stream in streams) * 8 / max(max(ends) - min(starts), 1)


def invalid_reasons(
    results: Sequence[Mapping[str, Any]], conditions: Mapping[str, Any]
) -> tuple[str, ...]:
    """The codes of `REASONS` that hold; none: the test counts.

    conditions  what the client said of itself: wired, other_traffic, vpn (true, false, or absent
                where it does not know), cpu_share (0-1), clock_skew_s
    """
    line_figures = figures(results)
    times = Counter(
        (stream_result["direction"], stream_result["stream"]) for stream_result in results
    )
    holds = {
        "no_download": line_figures.down_mbps <= 0,
        "no_upload": line_figures.up_mbps <= 0,
        "incomplete": len(times) < 2 * max(stream_result["streams"] for stream_result in results),
        "repeated": max(times.values()) > 1,
        "short": 0 < line_figures.seconds < _SHORT_S,
        "absurd": max(line_figures.down_mbps, line_figures.up_mbps) > ABSURD_MBPS,
        "zeros": any(stream_result.get("zeros") for stream_result in results),
        "other_network": any(stream_result.get("outside") for stream_result in results),
        "server_loaded": any(stream_result.get("others", 0) > 0 for stream_result in results),
        "not_wired": conditions.get("wired") is False,
        "other_traffic": conditions.get("other_traffic") is True,
        "vpn": conditions.get("vpn") is True,
        "cpu_limited": float(conditions.get("cpu_share") or 0) > _CPU_SHARE,
        "clock_skew": abs(float(conditions.get("clock_skew_s") or 0)) > _CLOCK_SKEW_S,
    }
    return tuple(code for code in REASONS if holds[code])


def loaded_rtt_ms(samples: Sequence[float]) -> float | None:
    """Mean of round trips under load without the slowest 5 % (draft-ietf-ippm-responsiveness)."""
    trimmed = sorted(samples)[: max(int(len(samples) * _TRIM), 1)]
    return round(sum(trimmed) / len(trimmed), 3) if trimmed else None


def round_trips_per_minute(samples: Sequence[float]) -> int | None:
    """Responsiveness under load: 60,000 / round trip in ms of the probes beside the load.

    >>> round_trips_per_minute([60.0] * 20)
    1000
    """
    trip = loaded_rtt_ms(samples)
    return round(60_000 / trip) if trip else None
