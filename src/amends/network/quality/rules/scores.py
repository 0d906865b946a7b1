"""Scores of perceived quality, each after its published text: E-model, QoO, AIM, RPM, Apdex.

`SCORES` has each by its name; a score takes the arguments of one JSON object by keyword.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from amends.platform.kit.errors import BadInput, gettext_noop


class UnableToScore(BadInput):
    """The values make no score."""

    code = "unable_to_score"


# E-model

DEFAULTS = {
    "SLR": 8.0,
    "RLR": 2.0,
    "STMR": 15.0,
    "LSTR": None,
    "Ds": 3.0,
    "Dr": 3.0,
    "TELR": 65.0,
    "WEPL": 110.0,
    "T": 0.0,
    "Tr": 0.0,
    "Ta": 0.0,
    "qdu": 1.0,
    "Ie": 0.0,
    "Bpl": 4.3,
    "Ppl": 0.0,
    "BurstR": 1.0,
    "Nc": -70.0,
    "Nfor": -64.0,
    "Ps": 35.0,
    "Pr": 35.0,
    "A": 0.0,
    "mT": 100.0,
    "sT": 1.0,
}
"""Symbols of G.107 and their defaults; LSTR is STMR + Dr where it is not given."""


def e_model(**parameters: float) -> dict[str, float]:
    """The rating R of a telephone connection and its mean opinion score, after ITU-T G.107.

    Levels and ratings in dB, delays (T, Tr, Ta, mT) in ms, Ppl in per cent, the rest as in G.107.

    >>> found = e_model()
    >>> round(found["r"], 2), round(found["mos"], 2)
    (93.21, 4.41)
    """
    if unknown := sorted(set(parameters) - set(DEFAULTS)):
        raise _refused(gettext_noop("E-model has no %(names)s."), names=", ".join(unknown))
    v = {
        name: _number(parameters.get(name, value), name)
        for name, value in DEFAULTS.items()
        if parameters.get(name, value) is not None
    }
    v.setdefault("LSTR", v["STMR"] + v["Dr"])
    if not 0 <= v["Ppl"] <= 100 or v["Bpl"] <= 0 or v["BurstR"] <= 0 or v["qdu"] <= 0:
        raise _refused(gettext_noop("Ppl is from 0 to 100, and Bpl, BurstR and qdu are above 0."))
    if min(v["T"], v["Tr"], v["Ta"]) < 0 or v["mT"] <= 0 or v["sT"] <= 0:
        raise _refused(gettext_noop("T, Tr and Ta are from 0, and mT and sT above 0."))
    noise = _noise(v)
    ro = 15.0 - 1.5 * (v["SLR"] + noise)
    simultaneous, sidetone = _simultaneous(v, ro, noise)
    loss = v["Ppl"] / v["BurstR"] + v["Bpl"]
    equipment = v["Ie"] + (95.0 - v["Ie"]) * v["Ppl"] / loss
    r = ro - simultaneous - _delay(v, ro, noise, sidetone) - equipment + v["A"]
    return {"r": r, "mos": mos(r)}


def mos(r: float) -> float:
    """The mean opinion score of a rating: 1 to 4.5; never below 1, where the polynomial dips.

    >>> [round(mos(r), 3) for r in (90, 80, 70, 60, 50)]
    [4.339, 4.024, 3.597, 3.1, 2.575]
    """
    if r <= 0.0:
        return 1.0
    if r >= 100.0:
        return 4.5
    return max(1.0, 1.0 + 0.035 * r + r * (r - 60.0) * (100.0 - r) * 7e-6)


def _noise(v: Mapping[str, float]) -> float:
    """No: circuit noise, room noise at both ends, and the noise floor, in dBm0p."""
    olr = v["SLR"] + v["RLR"]
    sender = v["Ps"] - v["SLR"] - v["Ds"] - 100.0 + 0.004 * (v["Ps"] - olr - v["Ds"] - 14.0) ** 2
    room = v["Pr"] + 10.0 * math.log10(1.0 + 10.0 ** ((10.0 - v["LSTR"]) / 10.0))
    receiver = v["RLR"] - 121.0 + room + 0.008 * (room - 35.0) ** 2
    parts = (v["Nc"], sender, receiver, v["Nfor"] + v["RLR"])
    return 10.0 * math.log10(sum(10.0 ** (part / 10.0) for part in parts))


def _simultaneous(v: Mapping[str, float], ro: float, noise: float) -> tuple[float, float]:
    """Is, and of it Ist: loudness, sidetone, quantizing."""
    x = v["SLR"] + v["RLR"] + 0.2 * (64.0 + noise - v["RLR"])
    loudness = 20.0 * ((1.0 + (x / 8.0) ** 8) ** (1 / 8) - x / 8.0)
    stmro = -10.0 * math.log10(
        10.0 ** (-v["STMR"] / 10.0) + math.exp(-v["T"] / 4.0) * 10.0 ** (-v["TELR"] / 10.0)
    )
    sidetone = (
        12.0 * (1.0 + ((stmro - 13.0) / 6.0) ** 8) ** (1 / 8)
        - 28.0 * (1.0 + ((stmro + 1.0) / 19.4) ** 35) ** (1 / 35)
        - 13.0 * (1.0 + ((stmro - 3.0) / 33.0) ** 13) ** (1 / 13)
        + 29.0
    )
    q = 37.0 - 15.0 * math.log10(v["qdu"])
    g = 1.07 + 0.258 * q + 0.0602 * q * q
    y = (ro - 100.0) / 15.0 + 46.0 / 8.4 - g / 9.0
    z = 46.0 / 30.0 - g / 40.0
    quantizing = 15.0 * math.log10(1.0 + 10.0**y + 10.0**z)
    return loudness + sidetone + quantizing, sidetone


def _delay(v: Mapping[str, float], ro: float, noise: float, sidetone: float) -> float:
    """Id: talker echo, listener echo, absolute delay."""
    terv = (
        v["TELR"]
        - 40.0 * math.log10((1.0 + v["T"] / 10.0) / (1.0 + v["T"] / 150.0))
        + 6.0 * math.exp(-0.3 * v["T"] ** 2)
    )
    if v["STMR"] < 9.0:
        terv += sidetone / 2.0
    half = (-1.5 * (noise - v["RLR"]) - (80.0 + 2.5 * (terv - 14.0))) / 2.0
    talker = (half + math.sqrt(half**2 + 100.0) - 1.0) * (1.0 - math.exp(-v["T"]))
    if v["STMR"] > 20.0:
        talker = math.hypot(talker, sidetone)
    half = (ro - 10.5 * (v["WEPL"] + 7.0) * (v["Tr"] + 1.0) ** -0.25) / 2.0
    listener = half + math.sqrt(half**2 + 169.0)
    absolute = 0.0
    if v["Ta"] > v["mT"]:
        x, six = math.log2(v["Ta"] / v["mT"]), 6.0 * v["sT"]
        near = (1.0 + x**six) ** (1.0 / six)
        absolute = 25.0 * (near - 3.0 * (1.0 + (x / 3.0) ** six) ** (1.0 / six) + 2.0)
    return float(talker + listener + absolute)


# Quality of Outcome


def qoo(*, requirements: Mapping[str, Any], measured: Mapping[str, Any]) -> float:
    """Quality of Outcome, 0 to 100: the worst of latency, loss and throughput.

    Between perfection (rop) and uselessness (cpup) each falls in a straight line; throughput is
    met or not. Latency in ms at the percentiles required, loss as a share.
    draft-ietf-ippm-qoo.

    >>> need = {"latency": [{"percentile": 99, "rop_ms": 200, "cpup_ms": 500}]}
    >>> qoo(requirements=need, measured={"latency": [{"percentile": 99, "ms": 350}]})
    50.0
    """
    latencies = {
        float(latency["percentile"]): _number(latency["ms"], "ms")
        for latency in measured.get("latency", [])
    }
    scores = []
    for need in requirements.get("latency", []):
        percentile = float(need["percentile"])
        if percentile not in latencies:
            raise _refused(
                gettext_noop("The latency at percentile %(at)s is required and not measured."),
                at=f"{percentile:g}",
            )
        scores.append(_between(latencies[percentile], need["rop_ms"], need["cpup_ms"]))
    if loss := requirements.get("loss"):
        scores.append(_between(_measured(measured, "loss"), loss["rop"], loss["cpup"]))
    if (need := requirements.get("throughput_mbps")) is not None:
        enough = _measured(measured, "throughput_mbps") >= _number(need, "throughput_mbps")
        scores.append(100.0 if enough else 0.0)
    if not scores:
        raise _refused(gettext_noop("There is no requirement."))
    return min(scores)


def _measured(measured: Mapping[str, Any], name: str) -> float:
    if measured.get(name) is None:
        raise _refused(gettext_noop("%(name)s is required and not measured."), name=name)
    return _number(measured[name], name)


def _between(value: float, perfect: object, useless: object) -> float:
    rop, cpup = _number(perfect, "rop"), _number(useless, "cpup")
    if not rop < cpup:
        raise _refused(gettext_noop("rop is below cpup."))
    return 100.0 * min(1.0, max(0.0, 1.0 - (value - rop) / (cpup - rop)))


# Aggregated Internet Measurement. Tables of Cloudflare's speedtest, MIT licence.

_LATENCY = ((10, 20, 50, 100, 500), (20, 10, 5, 0, -10, -20))
_JITTER = ((10, 20, 100, 500), (10, 5, 0, -10, -20))
_LOSS = ((0.01, 0.05, 0.25, 0.5), (10, 5, 0, -10, -20))
_SPEED = ((1e6, 1e7, 5e7, 1e8), (0, 5, 10, 20, 30))
AIM_CLASSES = ("bad", "poor", "average", "good", "great")
_USES: Mapping[str, tuple[tuple[str, ...], tuple[int, ...]]] = {
    "streaming": (("latency", "loss", "down", "rise"), (15, 20, 40, 60)),
    "gaming": (("latency", "loss", "rise"), (5, 15, 25, 30)),
    "rtc": (("latency", "jitter", "loss", "rise"), (5, 15, 25, 40)),
}


def aim(
    *,
    down_bps: float,
    up_bps: float,
    latency_ms: float,
    loaded_latency_rise_ms: float,
    jitter_ms: float,
    loss: float | None = None,
) -> dict[str, dict[str, Any]]:
    """Points and class of streaming, gaming and calls; loss as a share, None where not measured.

    >>> aim(down_bps=2e8, up_bps=2e7, latency_ms=5, loaded_latency_rise_ms=5, jitter_ms=1,
    ...     loss=0)["gaming"]
    {'points': 50, 'class': 'great'}
    """
    _number(up_bps, "up_bps")
    points = {
        "latency": _step(_number(latency_ms, "latency_ms"), *_LATENCY),
        "rise": _step(_number(loaded_latency_rise_ms, "loaded_latency_rise_ms"), *_LATENCY),
        "jitter": _step(_number(jitter_ms, "jitter_ms"), *_JITTER),
        "loss": 0 if loss is None else _step(_number(loss, "loss"), *_LOSS),
        "down": _step(_number(down_bps, "down_bps"), *_SPEED),
    }
    scores = {}
    for use, (inputs, classes) in _USES.items():
        total = max(0, sum(points[name] for name in inputs))
        scores[use] = {"points": total, "class": _step(total, classes, AIM_CLASSES)}
    return scores


def _step(value: float, thresholds: Sequence[float], values: Sequence[Any]) -> Any:
    """The value of the step that is reached: as many as thresholds are not above it."""
    return values[sum(1 for threshold in thresholds if value >= threshold)]


# Responsiveness, Apdex


def rpm(
    *,
    tcp_ms: Sequence[float],
    tls_ms: Sequence[float],
    http_ms: Sequence[float],
    loaded_http_ms: Sequence[float],
) -> float:
    """Round trips per minute under load; without TLS its share is left out.

    Trimmed means without the slowest 5%. draft-ietf-ippm-responsiveness.

    >>> rpm(tcp_ms=[20], tls_ms=[20], http_ms=[20], loaded_http_ms=[60])
    2000.0
    """
    foreign = [_trimmed(tcp_ms, "tcp_ms"), _trimmed(http_ms, "http_ms")]
    if tls_ms:
        foreign.append(_trimmed(tls_ms, "tls_ms"))
    separate = 60_000.0 * len(foreign) / sum(foreign)
    return (separate + 60_000.0 / _trimmed(loaded_http_ms, "loaded_http_ms")) / 2.0


def _trimmed(samples: Sequence[float], name: str) -> float:
    fastest = sorted(_number(value, name) for value in samples)
    fastest = fastest[: len(fastest) - len(fastest) * 5 // 100]
    if not fastest or fastest[0] <= 0.0:
        raise _refused(gettext_noop("%(name)s is a list of times above 0."), name=name)
    return math.fsum(fastest) / len(fastest)


def apdex(*, samples_ms: Sequence[float], t_ms: float) -> float:
    """Satisfied within T, tolerating within 4 T counted half, over all; 0 to 1.

    >>> apdex(samples_ms=[100, 400, 900, 5000], t_ms=500)
    0.625
    """
    limit = _number(t_ms, "t_ms")
    times = [_number(value, "samples_ms") for value in samples_ms]
    if not times or limit <= 0:
        raise _refused(gettext_noop("Apdex needs samples and a target above 0."))
    satisfied = sum(1 for time in times if time <= limit)
    tolerating = sum(1 for time in times if limit < time <= 4 * limit)
    return (satisfied + tolerating / 2) / len(times)


SCORES: Mapping[str, Callable[..., Any]] = {
    "e_model": e_model,
    "qoo": qoo,
    "aim": aim,
    "rpm": rpm,
    "apdex": apdex,
}


def score(entry: object) -> Any:
    """The score of one JSON object `{"f": NAME, …}`."""
    if not isinstance(entry, Mapping) or entry.get("f") not in SCORES:
        raise _refused(
            gettext_noop("Each entry names one of %(names)s as “f”."), names=", ".join(SCORES)
        )
    arguments = {str(name): value for name, value in entry.items() if name != "f"}
    try:
        return SCORES[entry["f"]](**arguments)
    except (TypeError, KeyError, AttributeError, ValueError, OverflowError) as error:
        raise _refused(
            gettext_noop("%(f)s cannot be calculated: %(why)s"), f=entry["f"], why=str(error)
        ) from error


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _refused(gettext_noop("%(name)s is not a number."), name=name)
    return float(value)


def _refused(what: str, **values: object) -> UnableToScore:
    return UnableToScore(what, values=values or None)
