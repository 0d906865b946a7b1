"""Measure words that burst: `nice python bench/words.py [--seed 7] [--runs 20]`.

On the real titles of the shared folder (AMENDS_SHARED; test input only):

- topics told on the untouched stream, day by day, and on the same titles in shuffled order, where
  none is real: false topics a week
- *real*: all titles with one word (speed, outage, refund, ...) are taken out of the stream and 15
  of them come back in one day among 300 others
- *invented*: 15 complaints about something nobody has heard of, in words of many kinds, among the
  same; in English and in Chinese (these among Chinese complaints of the same generator)

A topic counts as found if one of those told holds at least half of the inserted complaints;
precision and recall are of its complaints against the inserted ones. Prints one JSON document.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from datetime import date
from pathlib import Path
from time import process_time

import numpy as np

from amends.engines.detection.words import bursting, over

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("AMENDS_SHARED", ROOT.parent / "shared"))
INSERTED, OTHERS, DAYS = 15, 300, 28
KEYWORDS = (
    "outage",
    "refund",
    "speed",
    "throttl",
    "install",
    "modem",
    "contract",
    "hbo",
    "phone",
    "email",
    "charges",
    "price",
    "cap",
    "deceptive",
    "support",
    "cancel",
    "promo",
    "connection",
    "equipment",
    "bait",
)
INVENTED = [
    (
        ["voicemail", "transcription", "add-on", "silver tier", "activated", "four dollars"],
        [
            "{} {} on my account",
            "why a {} {}",
            "never asked for {} and {}",
            "{}, {} and no answer",
            "{} with {} again",
        ],
    ),
    (
        ["smart router", "firmware", "reboots", "midnight", "update", "loses settings"],
        ["{} after {}", "my {} and the {}", "{} {} every night", "{} because of {}", "{}; {}!"],
    ),
    (
        ["loyalty points", "vanished", "gift card", "migration", "balance", "rewards page"],
        ["{} {}", "where are my {} after {}", "{} gone, {}", "no {} since {}", "{} shows no {}"],
    ),
]
CHINESE = (
    ["云宝贝彩铃包", "体验期", "次月自动扣", "十五元", "弹窗误点", "无法退订"],
    ["{}说好免费,{}", "{}怎么{}", "莫名其妙开了{},{}", "我妈手机{},{}", "{}投诉,{}请处理"],
)
USUAL = (
    [
        "流量",
        "宽带",
        "话费",
        "套餐",
        "信号",
        "短信",
        "余额",
        "合约",
        "营业厅",
        "客服",
        "光猫",
        "漫游",
    ],
    [
        "超出",
        "很慢",
        "不对",
        "不能取消",
        "没有",
        "态度差",
        "被多扣",
        "断了",
        "不提醒",
        "涨价",
        "没人上门",
    ],
    ["小区里", "这个月", "一直", "昨天", "上次办理后", "家里", "老人的号码", "在外地", "连续三天"],
)


def titles():
    """Titles of the shared file in the order they came, with their days."""
    path = SHARED / "data/comcast_titles/comcast_dev.csv"
    if not path.exists():
        sys.exit(f"{path} is not there: AMENDS_SHARED names the folder of shared test data.")
    with path.open(encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: (row["date"], row["time"]))
    first = date.fromisoformat(rows[0]["date"])
    days = [(date.fromisoformat(row["date"]) - first).days for row in rows]
    return [row["title"] for row in rows], np.array(days)


def untouched(seed, runs):
    """Topics a week of days, in the true order and in shuffled ones (every day but the first 15)."""
    texts, days = titles()
    rows = list(range(15, int(days.max()) + 1))
    began = process_time()
    true = over(texts, days, rows)
    seconds = process_time() - began
    rng = np.random.default_rng(seed)
    shuffled = 0
    for _ in range(runs):
        mixed = [texts[n] for n in rng.permutation(len(texts))]
        shuffled += len(over(mixed, days, rows))
    weeks = len(rows) / 7
    return {
        "topics_a_week": round(len(true) / weeks, 2),
        "topics": [[topic.start, list(topic.terms), len(topic.complaints)] for topic in true],
        "shuffled_topics_a_week": round(shuffled / weeks / runs, 3),
        "cpu_ms_a_day": round(1e3 * seconds / len(rows), 1),
    }


def judge(old, others, new, rng):
    """Found, precision and recall of `new` among `others` in the last day."""
    today = [*others, *new]
    order = rng.permutation(len(today))
    texts = [*old, *(today[n] for n in order)]
    days = [*np.sort(rng.integers(0, DAYS, len(old))), *[DAYS] * len(today)]
    truth = {len(old) + at for at, n in enumerate(order) if n >= len(others)}
    told = bursting(texts, days)
    best, precision, recall = 0, 0.0, 0.0
    for topic in told:
        hit = len(truth & set(topic.complaints))
        if hit > best:
            best = hit
            precision, recall = hit / len(topic.complaints), hit / len(truth)
    return best >= len(truth) / 2, precision, recall, len(told) - (best > 0)


def summed(cases):
    found = [case for case in cases if case[0]]
    return {
        "cases": len(cases),
        "found": round(len(found) / len(cases), 3),
        "precision": round(float(np.mean([case[1] for case in found])), 3),
        "least_precision": round(float(np.min([case[1] for case in found])), 3),
        "precision_at_least_0.8": round(float(np.mean([case[1] >= 0.8 for case in found])), 3),
        "recall": round(float(np.mean([case[2] for case in found])), 3),
        "other_topics_told": round(float(np.mean([case[3] for case in cases])), 2),
    }


def real(seed, runs):
    """A topic of real titles that nobody wrote about before."""
    texts, _ = titles()
    cases = []
    for keyword in KEYWORDS:
        own = [text for text in texts if keyword in text.lower()]
        rest = [text for text in texts if keyword not in text.lower()]
        if len(own) < INSERTED:
            continue
        for run in range(max(runs // 10, 1)):
            rng = np.random.default_rng([seed, run])
            mixed = [rest[n] for n in rng.permutation(len(rest))]
            new = [own[n] for n in rng.permutation(len(own))[:INSERTED]]
            cases.append(judge(mixed[OTHERS:], mixed[:OTHERS], new, rng))
    return summed(cases)


def written(words, frames, rng, count):
    """Complaints of two of the words each, in any frame."""
    found = []
    for _ in range(count):
        pair = rng.permutation(len(words))[:2]
        found.append(frames[rng.integers(len(frames))].format(*(words[n] for n in pair)))
    return found


def invented(seed, runs):
    """A topic of words that share no single one, among real titles."""
    texts, _ = titles()
    cases = []
    for run in range(runs):
        for words, frames in INVENTED:
            rng = np.random.default_rng([seed, run])
            mixed = [texts[n] for n in rng.permutation(len(texts))]
            new = written(words, frames, rng, INSERTED)
            cases.append(judge(mixed[OTHERS:], mixed[:OTHERS], new, rng))
    return summed(cases)


def chinese(seed, runs):
    """The same in Chinese, among made-up complaints."""
    cases = []
    for run in range(runs):
        rng = np.random.default_rng([seed, run])
        usual = [
            "".join(part[rng.integers(len(part))] for part in (USUAL[2], USUAL[0], USUAL[1]))
            for _ in range(OTHERS + 30 * DAYS)
        ]
        new = written(*CHINESE, rng, INSERTED)
        cases.append(judge(usual[OTHERS:], usual[:OTHERS], new, rng))
    return summed(cases)


def main() -> None:
    """Measure and print."""
    reader = argparse.ArgumentParser(description="Measure words that burst.")
    reader.add_argument("--seed", type=int, default=7)
    reader.add_argument("--runs", type=int, default=20)
    asked = reader.parse_args()
    figures = {"seed": asked.seed, "load": list(os.getloadavg())}
    for name, part in {
        "untouched": untouched,
        "real": real,
        "invented": invented,
        "chinese": chinese,
    }.items():
        figures[name] = part(asked.seed, asked.runs)
    json.dump(figures, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
