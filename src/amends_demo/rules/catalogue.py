"""What the invented operator sells, through whom, and what it says about it in public."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SimulatedOffer:
    """A tariff. Prices in fen a month, speeds in kbit/s; 0 where a field does not apply."""

    ref: str
    kind: str
    zh: str
    en: str
    price_minor: int
    provider: str = ""
    contract_months: int = 0
    exit_fee_minor: int = 0
    speed_down_kbps: int = 0
    speed_min_kbps: int = 0
    allowance_mb: int = 0
    out_of_plan_minor_per_mb: int = 0
    weight: int = 0
    technology: str = ""


@dataclass(frozen=True, slots=True)
class SimulatedPartner:
    """An agent who sells, or a provider whose service is charged on the operator's bill."""

    ref: str
    kind: str
    zh: str
    en: str


def _plan(ref: str, zh: str, en: str, price: int, gigabytes: int, weight: int) -> SimulatedOffer:
    return SimulatedOffer(
        ref=ref,
        kind="mobile_plan",
        zh=zh,
        en=en,
        price_minor=price,
        allowance_mb=gigabytes * 1024,
        out_of_plan_minor_per_mb=1,
        weight=weight,
        technology="5g",
    )


def _line(ref: str, zh: str, en: str, price: int, mbps: int, weight: int) -> SimulatedOffer:
    return SimulatedOffer(
        ref=ref,
        kind="broadband",
        zh=zh,
        en=en,
        price_minor=price,
        contract_months=12,
        exit_fee_minor=20_000,
        speed_down_kbps=mbps * 1000,
        speed_min_kbps=mbps * 800,
        weight=weight,
        technology="fibre",
    )


def _extra(ref: str, zh: str, en: str, price: int, provider: str, weight: int) -> SimulatedOffer:
    return SimulatedOffer(
        ref=ref,
        kind="value_added",
        zh=zh,
        en=en,
        price_minor=price,
        provider=provider,
        weight=weight,
    )


OFFERS: tuple[SimulatedOffer, ...] = (
    _plan("plan-light-29", "轻语29", "Light 29", 2_900, 10, 300),
    _plan("plan-home-59", "合家59", "Home 59", 5_900, 30, 330),
    _plan("plan-free-99", "畅游99", "Roam Free 99", 9_900, 60, 220),
    _plan("plan-star-139", "星耀139", "Star 139", 13_900, 100, 150),
    _line("fibre-100", "光速家100M", "Fibre Home 100", 4_900, 100, 250),
    _line("fibre-300", "光速家300M", "Fibre Home 300", 7_900, 300, 430),
    _line("fibre-500", "光速家500M", "Fibre Home 500", 9_900, 500, 220),
    _line("fibre-1000", "光速家1000M", "Fibre Home 1000", 12_900, 1000, 100),
    _extra("ring-star", "星声彩铃", "Star Ringtone", 600, "provider-xingsheng", 300),
    _extra("music-tide", "潮汐音乐会员", "Tide Music", 1_000, "provider-chaoxi", 250),
    _extra("school-note", "家校小纸条", "School Notes", 1_000, "provider-xuetong", 200),
    _extra("video-pod", "豆荚视频包", "Pod Video", 1_500, "provider-doujia", 150),
    _extra("game-box", "掌趣游戏盒", "Pocket Games", 1_200, "provider-zhangqu", 100),
    _extra("roam-pack-39", "境外畅游包39", "Roam Pack 39", 3_900, "", 0),
    _extra("roam-pack-69", "境外畅游包69", "Roam Pack 69", 6_900, "", 0),
    SimulatedOffer(
        ref="roam-standard", kind="roaming", zh="境外上网标准资费", en="Data abroad", price_minor=0
    ),
)

PARTNERS: tuple[SimulatedPartner, ...] = (
    SimulatedPartner(ref="agent-hongda", kind="agent", zh="鸿达通讯代理", en="Hongda Agency"),
    SimulatedPartner(ref="agent-lvyuan", kind="agent", zh="绿园营业代办", en="Lvyuan Agency"),
    SimulatedPartner(ref="agent-sanhe", kind="agent", zh="三和电话营销", en="Sanhe Telemarketing"),
    SimulatedPartner(
        ref="provider-xingsheng", kind="provider", zh="星声文化", en="Xingsheng Culture"
    ),
    SimulatedPartner(
        ref="provider-chaoxi", kind="provider", zh="潮汐娱乐", en="Chaoxi Entertainment"
    ),
    SimulatedPartner(ref="provider-xuetong", kind="provider", zh="学童在线", en="Xuetong Online"),
    SimulatedPartner(ref="provider-doujia", kind="provider", zh="豆荚传媒", en="Doujia Media"),
    SimulatedPartner(
        ref="provider-zhangqu", kind="provider", zh="掌趣互动", en="Zhangqu Interactive"
    ),
)

CURRENCY = "CNY"


def offer(ref: str) -> SimulatedOffer:
    """The offer called `ref`.

    >>> offer("fibre-300").price_minor
    7900
    """
    return next(each for each in OFFERS if each.ref == ref)


def offers_of(kind: str) -> tuple[SimulatedOffer, ...]:
    """All offers of a kind, in catalogue order."""
    return tuple(each for each in OFFERS if each.kind == kind)
