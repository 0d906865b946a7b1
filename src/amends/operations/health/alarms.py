"""Which readings ask somebody to act, what to do, and the same as rules for Prometheus."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from amends.operations.health.readings import HealthReading

_OF_AN_INSTANCE = ("amends_disk_used_ratio",)


@dataclass(frozen=True, slots=True)
class AlertRule:
    """A reading beyond `above` for `for_minutes` asks for `do`; `severity` is page or ticket."""

    id: str
    metric: str
    above: float
    for_minutes: int
    severity: str
    zh: str
    en: str
    do_zh: str
    do_en: str
    labels: dict[str, str] = field(default_factory=dict)

    def sounded_by(self, reading: HealthReading) -> bool:
        """Whether a reading is beyond the bound."""
        return (
            reading.name == self.metric
            and reading.value is not None
            and reading.value > self.above
            and self.labels.items() <= reading.labels.items()
        )


@dataclass(frozen=True, slots=True)
class Sounding:
    """An alarm and the readings that set it off."""

    alarm: AlertRule
    readings: tuple[HealthReading, ...]


@cache
def alarms() -> tuple[AlertRule, ...]:
    """The alarms this version ships."""
    text = (files(__package__) / "alarms.toml").read_text(encoding="utf-8")
    return tuple(AlertRule(**entry) for entry in tomllib.loads(text)["alarms"])


def sounding(readings: Iterable[HealthReading]) -> list[Sounding]:
    """The alarms that readings set off, in the order of the file: the gravest first."""
    all_readings = list(readings)
    return [
        Sounding(alarm, hits)
        for alarm in alarms()
        if (hits := tuple(reading for reading in all_readings if alarm.sounded_by(reading)))
    ]


def prometheus_rules() -> str:
    """The alarms as a rule file of Prometheus (YAML)."""
    lines = [
        "# Written by `amends operation rules`; change src/amends/operations/health/alarms.toml.",
        "groups:",
        "  - name: amends",
        "    rules:",
    ]
    for alarm in alarms():
        lines += [
            f"      - alert: {alarm.id}",
            f"        expr: {_expression(alarm)}",
            f"        for: {alarm.for_minutes}m",
            "        labels:",
            f"          severity: {alarm.severity}",
            "        annotations:",
            f'          summary: "{alarm.en}"',
            f'          summary_zh: "{alarm.zh}"',
            f'          description: "{alarm.do_en}"',
            f'          description_zh: "{alarm.do_zh}"',
        ]
    lines += [
        "      - alert: AmendsFails",
        "        expr: sum by (instance, route) "
        '(rate(amends_http_requests_total{status="5xx"}[5m])) > 0.02',
        "        for: 5m",
        "        labels:",
        "          severity: page",
        "        annotations:",
        '          summary: "Requests of a route fail on an instance: more than one a minute"',
        '          summary_zh: "某个实例的某类请求持续失败：每分钟超过一次"',
        '          description: "The log of `amends serve` of that instance shows the error."',
        '          description_zh: "请查看该实例 `amends serve` 的日志。"',
        "      - alert: AmendsDown",
        '        expr: up{job="amends"} == 0 or absent(amends_complaints_open)',
        "        for: 2m",
        "        labels:",
        "          severity: page",
        "        annotations:",
        '          summary: "Amends does not answer"',
        '          summary_zh: "Amends 没有响应"',
        '          description: "See whether `amends serve` lives, then /healthz and its log."',
        '          description_zh: "查看 `amends serve` 是否存活，再看 /healthz 和日志。"',
    ]
    return "\n".join(lines) + "\n"


def _expression(alarm: AlertRule) -> str:
    chosen = ",".join(f'{name}="{value}"' for name, value in sorted(alarm.labels.items()))
    series = f"{alarm.metric}{f'{{{chosen}}}' if chosen else ''}"
    # Every instance reads the same database: one alert for all of them. Disks are each one's own.
    if alarm.metric not in _OF_AN_INSTANCE:
        series = f"max without (instance) ({series})"
    return f"{series} > {alarm.above}"
