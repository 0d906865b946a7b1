"""Who speaks up, when, on which channel and in which words; and who says it again."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from amends_demo.rules.catalogue import OFFERS, SimulatedOffer, offer
from amends_demo.rules.inhabitants import identity_number
from amends_demo.rules.matters import MATTERS
from amends_demo.rules.rhythm import answer_moment
from amends_demo.rules.scenario import ROLES, Scenario, complaint_share
from amends_demo.rules.stage import Stage, Trouble
from amends_demo.rules.tables import DAY_MS, HOUR_MS
from amends_demo.rules.words.writing import Author, draw_persona, write_message

_CHANNELS = {
    "calm": (("web", 40), ("app", 25), ("mail", 15), ("sms", 10), ("phone", 10)),
    "angry": (("phone", 30), ("web", 25), ("sms", 15), ("social", 20), ("mail", 10)),
    "elder": (("phone", 40), ("counter", 35), ("sms", 20), ("mail", 5)),
    "terse": (("sms", 60), ("app", 25), ("web", 15)),
    "young": (("app", 40), ("social", 30), ("web", 20), ("sms", 10)),
}
_REPEATING_SHARE = 0.11
# Of those who write on a channel, the part the operator knows by their account, a document or the
# questions of a call; the others are asked for a code, and most of them answer it, in time.
_KNOWN_SHARE = {
    "app": 1.0,
    "counter": 1.0,
    "web": 0.96,
    "phone": 0.96,
    "sms": 0.94,
    "social": 0.8,
    "mail": 0.75,
}
_ANSWERING_SHARE = 0.8
_ANSWERING_MEAN_DAYS = 1.3
_NEVER = -1
_URGENT_SHARE = {"line_cut": 0.15, "outage": 0.25, "no_signal": 0.25, "repair_late": 0.1}
# How long people wait before they complain, on average; four days unless it cannot wait.
_MEAN_DAYS, _PRESSING = 4.0, {"line_cut": 1.0}
_LANDS = {
    "TH": ("泰国", "Thailand"),
    "JP": ("日本", "Japan"),
    "KR": ("韩国", "Korea"),
    "MY": ("马来西亚", "Malaysia"),
    "FR": ("法国", "France"),
    "HK": ("香港", "Hong Kong"),
    "VN": ("越南", "Vietnam"),
    "": ("泰国", "Thailand"),
}
_WHEN_ZH = ("上个月", "这个月", "前几天", "上周", "月初", "前阵子")
_WHEN_EN = ("last week", "this month", "a few days ago", "Monday")
_NAMES = {each.ref: each for each in OFFERS}


@dataclass(frozen=True, slots=True)
class SimulatedContact:
    """One message to the operator.

    identified_ms  when it is known who writes: with the message, later, or -1 for never
    repeats        the row of the contact it says again, or -1
    """

    trouble: Trouble
    received_ms: int
    persona: str
    channel: str
    text: str
    author: Author
    identified_ms: int
    urgent: bool = False
    repeats: int = -1


def complain(stage: Stage, people: pa.Table, rng: np.random.Generator) -> list[SimulatedContact]:
    """All contacts of the world in order of time; those after its end were not made."""
    share = complaint_share(stage.size)
    likely = {role.name: role.complaining * share / 1000 for role in ROLES} | {"mast": 1.0}
    spoken = [trouble for trouble in stage.troubles if rng.random() < likely.get(trouble.role, 0.0)]
    if not spoken:
        return []
    triggers = np.array([trouble.trigger_ms for trouble in spoken], dtype=np.int64)
    patience = np.array([_PRESSING.get(trouble.role, _MEAN_DAYS) for trouble in spoken])
    moments = answer_moment(rng, triggers, mean_days=patience)
    end_ms = stage.scenario.end_ms
    order = [row for row in np.argsort(moments, kind="stable").tolist() if moments[row] < end_ms]
    names = ("name", "phone", "email", "id_card", "language")
    columns = {name: people[name].to_pylist() for name in names}
    firsts = [_first(rng, spoken[row], int(moments[row]), columns, stage) for row in order]
    repeat_contacts = [
        _again(rng, row, contact, stage)
        for row, contact in enumerate(firsts)
        if contact.trouble.role != "enquiry" and rng.random() < _REPEATING_SHARE
    ]
    return _merge(firsts, [each for each in repeat_contacts if each.received_ms < end_ms])


def _merge(
    firsts: list[SimulatedContact], repeat_contacts: list[SimulatedContact]
) -> list[SimulatedContact]:
    """Both in order of time, the rows in `repeats` renumbered."""
    both = firsts + repeat_contacts
    order = sorted(range(len(both)), key=lambda row: (both[row].received_ms, row))
    position_by_row = {row: position for position, row in enumerate(order)}
    return [
        replace(each, repeats=position_by_row[each.repeats] if each.repeats >= 0 else -1)
        for each in (both[row] for row in order)
    ]


def _first(
    rng: np.random.Generator,
    trouble: Trouble,
    received_ms: int,
    columns: dict[str, list[str]],
    stage: Stage,
) -> SimulatedContact:
    persona = draw_persona(rng)
    channel = _channel(rng, persona)
    row = trouble.subscriber
    if row >= 0:
        author = Author(
            language=columns["language"][row],
            persona=persona,
            channel=channel,
            name=columns["name"][row],
            phone=columns["phone"][row],
            id_card=columns["id_card"][row],
            email=columns["email"][row],
        )
    else:
        author = _stranger(rng, persona, channel)
    urgent = bool(rng.random() < _URGENT_SHARE.get(trouble.role, 0.0))
    return SimulatedContact(
        trouble=trouble,
        received_ms=received_ms,
        persona=persona,
        channel=channel,
        text=_write(rng, trouble, author, stage, urgent=urgent),
        author=author,
        identified_ms=_identified_ms(rng, channel, received_ms) if row >= 0 else _NEVER,
        urgent=urgent,
    )


def _identified_ms(rng: np.random.Generator, channel: str, received_ms: int) -> int:
    """When it is known who writes: at once, once a code is answered, or never."""
    if rng.random() < _KNOWN_SHARE[channel]:
        return received_ms
    if rng.random() >= _ANSWERING_SHARE:
        return _NEVER
    return received_ms + HOUR_MS + int(rng.exponential(_ANSWERING_MEAN_DAYS) * DAY_MS)


def _stranger(rng: np.random.Generator, persona: str, channel: str) -> Author:
    """Somebody who is no subscriber; number and mailbox are invented like theirs."""
    number = int(rng.integers(10**6))
    return Author(
        language="zh" if rng.random() < 0.8 else "en",
        persona=persona,
        channel=channel,
        name="住户",
        phone=f"15400{number:06d}",
        id_card=identity_number("119900", "19700101", int(rng.integers(1000))),
        email=f"resident.{number:06d}@mail.example.com",
    )


def _again(
    rng: np.random.Generator, row: int, first: SimulatedContact, stage: Stage
) -> SimulatedContact:
    """The same matter once more, some days later, mostly on another channel, in other words."""
    channel = _channel(rng, first.persona)
    author = Author(
        language=first.author.language,
        persona=first.persona,
        channel=channel,
        name=first.author.name,
        phone=first.author.phone,
        id_card=first.author.id_card,
        email=first.author.email,
    )
    lag = int(rng.integers(DAY_MS // 8, 6 * DAY_MS))
    text = first.text
    if rng.random() < 0.7:
        text = _write(rng, first.trouble, author, stage)
    return SimulatedContact(
        trouble=first.trouble,
        received_ms=first.received_ms + lag,
        persona=first.persona,
        channel=channel,
        text=text,
        author=author,
        identified_ms=first.identified_ms,
        repeats=row,
    )


def _channel(rng: np.random.Generator, persona: str) -> str:
    names = [name for name, _ in _CHANNELS[persona]]
    weights = np.array([weight for _, weight in _CHANNELS[persona]], dtype=float)
    return names[int(rng.choice(len(names), p=weights / weights.sum()))]


def _write(
    rng: np.random.Generator,
    trouble: Trouble,
    author: Author,
    stage: Stage,
    *,
    urgent: bool = False,
) -> str:
    slots = (_english_slots if author.language == "en" else _chinese_slots)(rng, trouble, stage)
    matter_texts = MATTERS[trouble.role].words
    return write_message(rng, matter=matter_texts, author=author, slots=slots, urgent=urgent)


def _plan(trouble: Trouble) -> str:
    return trouble.offer if trouble.offer in _NAMES else "plan-light-29"


def _before(trouble: Trouble, scenario: Scenario) -> SimulatedOffer:
    """What somebody had before the operator changed it."""
    return offer(scenario.pack if trouble.role == "pack_withdrawn" else "plan-light-29")


def _chinese_slots(rng: np.random.Generator, trouble: Trouble, stage: Stage) -> dict[str, str]:
    bought = _NAMES[_plan(trouble)]
    scenario = stage.scenario
    mbps = bought.speed_down_kbps // 1000
    return {
        "svc": bought.zh,
        "plan": bought.zh,
        "old": _before(trouble, scenario).zh,
        "fee": _yuan(rng, trouble.amount_minor or bought.price_minor),
        "total": _yuan(rng, trouble.amount_minor),
        "claim": _yuan(rng, scenario.advert_price_minor),
        "mbps": f"{mbps}{('M', '兆', 'm')[int(rng.integers(3))]}" if mbps else "",
        "when": _WHEN_ZH[int(rng.integers(len(_WHEN_ZH)))],
        "land": _LANDS[trouble.country][0],
    }


def _english_slots(rng: np.random.Generator, trouble: Trouble, stage: Stage) -> dict[str, str]:
    bought = _NAMES[_plan(trouble)]
    mbps = bought.speed_down_kbps // 1000
    return {
        "svc": bought.en,
        "plan": bought.en,
        "old": _before(trouble, stage.scenario).en,
        "fee": _money(rng, trouble.amount_minor or bought.price_minor),
        "total": _money(rng, trouble.amount_minor),
        "claim": _money(rng, stage.scenario.advert_price_minor),
        "mbps": f"{mbps} Mbps" if mbps else "",
        "when": _WHEN_EN[int(rng.integers(len(_WHEN_EN)))],
        "land": _LANDS[trouble.country][1],
    }


def _plain(minor: int) -> str:
    return f"{minor // 100}" if minor % 100 == 0 else f"{minor / 100:.2f}"


def _yuan(rng: np.random.Generator, minor: int) -> str:
    return _plain(minor) + ("元", "块", "块钱")[int(rng.integers(3))]


def _money(rng: np.random.Generator, minor: int) -> str:
    plain = _plain(minor)
    return (f"¥{plain}", f"{plain} yuan", f"RMB {plain}")[int(rng.integers(3))]
