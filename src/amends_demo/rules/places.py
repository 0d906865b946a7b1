"""Invented areas under real province codes, so that provincial rules apply to invented people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SimulatedArea:
    """One city or district. `weight` is its part of the subscribers, in thousandths."""

    ref: str
    province: str
    zh: str
    en: str
    weight: int


AREAS: tuple[SimulatedArea, ...] = (
    SimulatedArea(ref="area-4101", province="41", zh="汴阳市", en="Bianyang", weight=105),
    SimulatedArea(ref="area-4102", province="41", zh="颍原市", en="Yingyuan", weight=80),
    SimulatedArea(ref="area-4103", province="41", zh="嵩宁市", en="Songning", weight=65),
    SimulatedArea(ref="area-5001", province="50", zh="江岭区", en="Jiangling", weight=95),
    SimulatedArea(ref="area-5002", province="50", zh="石渡区", en="Shidu", weight=70),
    SimulatedArea(ref="area-5003", province="50", zh="云梯区", en="Yunti", weight=55),
    SimulatedArea(ref="area-3301", province="33", zh="钱湾市", en="Qianwan", weight=100),
    SimulatedArea(ref="area-3302", province="33", zh="瓯宁市", en="Ouning", weight=75),
    SimulatedArea(ref="area-3303", province="33", zh="婺江市", en="Wujiang", weight=55),
    SimulatedArea(ref="area-1101", province="11", zh="朝宁区", en="Chaoning", weight=90),
    SimulatedArea(ref="area-1102", province="11", zh="海平区", en="Haiping", weight=70),
    SimulatedArea(ref="area-4401", province="44", zh="珠洲市", en="Zhuzhou Bay", weight=80),
    SimulatedArea(ref="area-4402", province="44", zh="韶湾市", en="Shaowan", weight=60),
)

PROVINCES: dict[str, tuple[str, str]] = {
    "41": ("豫安省", "Yu'an"),
    "50": ("巴陵市", "Baling"),
    "33": ("越州省", "Yuezhou"),
    "11": ("燕都市", "Yandu"),
    "44": ("岭海省", "Linghai"),
}

STREETS: tuple[str, ...] = (
    "梧桐",
    "望江",
    "长乐",
    "新桥",
    "学府",
    "和平里",
    "青石",
    "百花",
    "向阳",
    "东篱",
    "白鹭",
    "银杏",
    "石榴",
    "晚晴",
    "春晓",
    "麦田",
    "小河",
    "枫林",
    "灯塔",
    "书院",
)
