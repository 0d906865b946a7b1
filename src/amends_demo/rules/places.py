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
    SimulatedArea("area-4101", "41", "汴阳市", "Bianyang", 105),
    SimulatedArea("area-4102", "41", "颍原市", "Yingyuan", 80),
    SimulatedArea("area-4103", "41", "嵩宁市", "Songning", 65),
    SimulatedArea("area-5001", "50", "江岭区", "Jiangling", 95),
    SimulatedArea("area-5002", "50", "石渡区", "Shidu", 70),
    SimulatedArea("area-5003", "50", "云梯区", "Yunti", 55),
    SimulatedArea("area-3301", "33", "钱湾市", "Qianwan", 100),
    SimulatedArea("area-3302", "33", "瓯宁市", "Ouning", 75),
    SimulatedArea("area-3303", "33", "婺江市", "Wujiang", 55),
    SimulatedArea("area-1101", "11", "朝宁区", "Chaoning", 90),
    SimulatedArea("area-1102", "11", "海平区", "Haiping", 70),
    SimulatedArea("area-4401", "44", "珠洲市", "Zhuzhou Bay", 80),
    SimulatedArea("area-4402", "44", "韶湾市", "Shaowan", 60),
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
