"""The signals of unusual looks, in Chinese and English."""

from __future__ import annotations

SIGNALS: dict[str, tuple[str, str]] = {
    "no_case": ("无有效案件的查看明显偏多", "Many looks without a valid case"),
    "volume": ("查看量明显高于本人以往和同岗", "Far more looks than before and than peers"),
    "self_opened": ("自己立案、自己查看明显偏多", "Many looks in cases opened by the user"),
    "sequence": ("按连续号码查看", "Looked along consecutive numbers"),
    "block": ("集中查看同一号段", "Many people of one block of numbers"),
    "same_people": ("反复查看相同的人", "Looked at the same people again and again"),
    "after_hours": ("在本人不当班的时段查看", "Looked at hours the user does not work"),
    "many_eyes": ("一周内多人无案件查看同一人", "One person looked at by many without a case"),
    "honeytoken": ("查看了不存在的用户（诱饵）", "Looked at an invented subscriber (honeytoken)"),
    "before_leaving": ("离岗前查看量增加", "More looks in the weeks before leaving"),
}
"""What is found, in Chinese and English."""
