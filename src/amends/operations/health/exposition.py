"""Readings in the text form Prometheus reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils import translation
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from amends.operations.health.readings import HealthReading
from amends.operations.health.requests import collected

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


class _Read(Collector):
    def __init__(self, readings: Iterable[HealthReading]) -> None:
        self._readings = list(readings)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        families: dict[str, GaugeMetricFamily] = {}
        for reading in self._readings:
            if reading.value is None:
                continue
            family = families.get(reading.name)
            if family is None:
                labels = sorted(reading.labels)
                family = GaugeMetricFamily(
                    reading.name, f"{reading.words}.".capitalize(), labels=labels
                )
                families[reading.name] = family
            family.add_metric(
                [reading.labels[name] for name in sorted(reading.labels)], reading.value
            )
        yield from families.values()


def exposition(readings: Iterable[HealthReading]) -> bytes:
    """The readings as text; a reading without a value is left out, its name then absent."""
    registry = CollectorRegistry(auto_describe=False)
    with translation.override("en"):
        registry.register(_Read(readings))
        return generate_latest(registry) + generate_latest(collected())
