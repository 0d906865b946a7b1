"""The scores against published values and worked examples."""

from __future__ import annotations

import pytest

from amends.network.quality.rules import scores

pytestmark = pytest.mark.no_database


@pytest.mark.parametrize(
    ("given", "r"),
    [
        ({}, 93.21),
        ({"Ta": 150, "T": 150, "Tr": 300}, 89.54),
        ({"Ta": 250, "T": 250, "Tr": 500}, 79.18),
        ({"Ta": 400, "T": 400, "Tr": 800}, 62.25),
        ({"Ppl": 1, "Bpl": 4.3}, 75.28),
        ({"Ppl": 1, "Bpl": 25.1}, 89.57),
        ({"Ppl": 1, "Ie": 11, "Bpl": 19}, 78.01),
    ],
)
def test_e_model(given, r):
    assert scores.e_model(**given)["r"] == pytest.approx(r, abs=0.01)


def test_e_model_of_equipment_impairment():
    assert scores.e_model(Ie=11, Bpl=19)["r"] == pytest.approx(82.21, abs=0.01)


def test_mos_never_falls_below_one():
    assert scores.mos(3.0) == 1.0
    assert scores.mos(-5) == 1.0
    assert scores.mos(120) == 4.5


REQUIREMENTS = {
    "latency": [
        {"percentile": 99, "rop_ms": 200, "cpup_ms": 500},
        {"percentile": 99.9, "rop_ms": 300, "cpup_ms": 600},
    ],
    "loss": {"rop": 0.01, "cpup": 0.05},
    "throughput_mbps": 4,
}


def measured(first=350, second=375, loss=0.02, mbps=28):
    latency = [{"percentile": 99, "ms": first}, {"percentile": 99.9, "ms": second}]
    return {"latency": latency, "loss": loss, "throughput_mbps": mbps}


def test_qoo_of_the_worked_example():
    assert scores.qoo(requirements=REQUIREMENTS, measured=measured()) == pytest.approx(50)
    assert scores.qoo(requirements=REQUIREMENTS, measured=measured(first=200)) == pytest.approx(75)
    assert scores.qoo(requirements=REQUIREMENTS, measured=measured(mbps=3.9)) == 0
    assert scores.qoo(requirements=REQUIREMENTS, measured=measured(100, 100, 0)) == 100


def test_aim_classes_at_their_edges():
    best = {"down_bps": 1e8, "up_bps": 0, "latency_ms": 9.9, "loaded_latency_rise_ms": 0}
    found = scores.aim(**best, jitter_ms=0, loss=0)
    assert found["streaming"] == {"points": 80, "class": "great"}
    assert found["rtc"] == {"points": 60, "class": "great"}
    worst = scores.aim(
        down_bps=0, up_bps=0, latency_ms=500, loaded_latency_rise_ms=500, jitter_ms=500, loss=0.5
    )
    assert worst["gaming"] == {"points": 0, "class": "bad"}


def test_rpm_trims_the_slowest_twentieth():
    times = [20.0] * 19 + [5000.0]
    assert scores.rpm(tcp_ms=times, tls_ms=[], http_ms=times, loaded_http_ms=times) == 3000
    mixed = scores.rpm(tcp_ms=[10], tls_ms=[20], http_ms=[30], loaded_http_ms=[100])
    assert mixed == pytest.approx((3000 + 600) / 2)


@pytest.mark.parametrize(
    "entry",
    [
        {"f": "unknown"},
        {"f": "e_model", "Q": 1},
        {"f": "e_model", "Ppl": 101},
        {"f": "e_model", "Ta": float("nan")},
        {"f": "apdex", "samples_ms": [], "t_ms": 500},
        {"f": "rpm", "tcp_ms": [0], "tls_ms": [], "http_ms": [1], "loaded_http_ms": [1]},
        {"f": "qoo", "requirements": REQUIREMENTS, "measured": {}},
        {"f": "aim"},
        [],
    ],
)
def test_values_that_make_no_score_are_refused(entry):
    with pytest.raises(scores.UnableToScore):
        scores.score(entry)
