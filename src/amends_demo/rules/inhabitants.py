"""Invented subscribers: names, numbers of a valid form that nobody holds, and their services.

Telephone numbers start with 154, a prefix never assigned in China; identity numbers carry the
district code 99, which no province uses, and a valid check digit (GB 11643-1999).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from amends_demo.rules.catalogue import offers_of
from amends_demo.rules.places import AREAS, PROVINCES, STREETS

_SURNAMES = (
    ("王", "Wang"),
    ("李", "Li"),
    ("张", "Zhang"),
    ("刘", "Liu"),
    ("陈", "Chen"),
    ("杨", "Yang"),
    ("黄", "Huang"),
    ("赵", "Zhao"),
    ("吴", "Wu"),
    ("周", "Zhou"),
    ("徐", "Xu"),
    ("孙", "Sun"),
    ("马", "Ma"),
    ("朱", "Zhu"),
    ("胡", "Hu"),
    ("郭", "Guo"),
    ("何", "He"),
    ("林", "Lin"),
    ("罗", "Luo"),
    ("高", "Gao"),
    ("郑", "Zheng"),
    ("梁", "Liang"),
    ("谢", "Xie"),
    ("宋", "Song"),
)
_GIVEN = (
    ("建国", "Jianguo"),
    ("秀英", "Xiuying"),
    ("晓梅", "Xiaomei"),
    ("志强", "Zhiqiang"),
    ("丽华", "Lihua"),
    ("子涵", "Zihan"),
    ("雨桐", "Yutong"),
    ("浩然", "Haoran"),
    ("佳怡", "Jiayi"),
    ("文博", "Wenbo"),
    ("桂兰", "Guilan"),
    ("俊杰", "Junjie"),
    ("思远", "Siyuan"),
    ("海燕", "Haiyan"),
    ("春生", "Chunsheng"),
    ("玉珍", "Yuzhen"),
    ("一鸣", "Yiming"),
    ("梦洁", "Mengjie"),
    ("国栋", "Guodong"),
    ("若曦", "Ruoxi"),
    ("振宇", "Zhenyu"),
    ("彩霞", "Caixia"),
    ("静", "Jing"),
    ("磊", "Lei"),
    ("敏", "Min"),
    ("勇", "Yong"),
    ("婷", "Ting"),
    ("超", "Chao"),
)
BRANDS = ("yunfan", "yunfan", "yunfan", "lingtong")
_CHECK_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CHECK_SIGNS = "10X98765432"
ENGLISH_SHARE = 0.19
BROADBAND_SHARE = 0.47


def identity_number(district: str, birth: str, sequence: int) -> str:
    """An identity number of 18 signs with its check digit.

    district  six digits, birth eight (YYYYMMDD), sequence 0 to 999

    >>> identity_number("419901", "19880305", 27)
    '419901198803050279'
    """
    body = f"{district}{birth}{sequence:03d}"
    total = int(sum(int(digit) * int(w) for digit, w in zip(body, _CHECK_WEIGHTS, strict=True)))
    return body + _CHECK_SIGNS[total % 11]


def draw_areas(rng: np.random.Generator, *, size: int) -> np.ndarray[Any, Any]:
    """Row numbers into `AREAS`, drawn by their weights."""
    weights = np.array([area.weight for area in AREAS], dtype=float)
    return rng.choice(len(AREAS), size=size, p=weights / weights.sum())


def draw_subscribers(rng: np.random.Generator, *, area_rows: np.ndarray[Any, Any]) -> pa.Table:
    """One person for each area in `area_rows`; the columns `subscribers.register_many` asks for."""
    size = len(area_rows)
    surnames = rng.integers(len(_SURNAMES), size=size)
    given_names = rng.integers(len(_GIVEN), size=size)
    english = rng.random(size) < ENGLISH_SHARE
    names = [
        f"{_GIVEN[g][1]} {_SURNAMES[s][1]}" if e else _SURNAMES[s][0] + _GIVEN[g][0]
        for s, g, e in zip(surnames, given_names, english, strict=True)
    ]
    offset = int(rng.integers(10**8))
    phones = [f"154{(offset + row * 61_803_399) % 10**8:08d}" for row in range(size)]
    return pa.table(
        {
            "name": names,
            "phone": phones,
            "id_card": _identity_numbers(rng, area_rows),
            "address": _addresses(rng, area_rows),
            "email": [
                f"{_SURNAMES[s][1].lower()}.{row}@mail.example.com"
                for row, s in enumerate(surnames)
            ],
            "language": ["en" if each else "zh" for each in english],
            "zone": ["Asia/Shanghai"] * size,
            "area": [AREAS[row].ref for row in area_rows],
            "province": [AREAS[row].province for row in area_rows],
            "brand": [BRANDS[row] for row in rng.integers(len(BRANDS), size=size)],
        }
    )


def _identity_numbers(rng: np.random.Generator, area_rows: np.ndarray[Any, Any]) -> list[str]:
    size = len(area_rows)
    days = rng.integers(-9_000, 13_500, size=size).astype("datetime64[D]")
    sequence = rng.integers(1000, size=size)
    return [
        identity_number(f"{AREAS[row].province}99{row:02d}", str(day).replace("-", ""), int(number))
        for row, day, number in zip(area_rows, days, sequence, strict=True)
    ]


def _addresses(rng: np.random.Generator, area_rows: np.ndarray[Any, Any]) -> list[str]:
    size = len(area_rows)
    numbers = np.stack(
        [
            rng.integers(len(STREETS), size=size),
            rng.integers(1, 300, size=size),
            rng.integers(1, 30, size=size),
            rng.integers(1, 5, size=size),
            rng.integers(1, 24, size=size),
            rng.integers(1, 5, size=size),
        ]
    )
    return [
        f"{PROVINCES[AREAS[row].province][0]}{AREAS[row].zh}{STREETS[s]}路{n}号{b}栋{u}单元{f}0{d}室"
        for row, (s, n, b, u, f, d) in zip(area_rows, numbers.T, strict=True)
    ]


def draw_offers(rng: np.random.Generator, *, kind: str, size: int) -> np.ndarray[Any, Any]:
    """Row numbers into `offers_of(kind)`, drawn by the offers' weights."""
    weights = np.array([offer.weight for offer in offers_of(kind)], dtype=float)
    return rng.choice(len(weights), size=size, p=weights / weights.sum())
