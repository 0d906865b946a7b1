"""What personal data are called, in Chinese and English, and how sensitive a column is."""

from __future__ import annotations

FIELDS: dict[str, tuple[str, str]] = {
    "name": ("姓名", "name"),
    "phone": ("电话号码", "telephone number"),
    "email": ("电子邮箱", "email address"),
    "id_card": ("身份证号", "identity card number"),
    "address": ("地址", "address"),
    "plan": ("套餐", "tariff"),
    "facts": ("业务和账单记录", "records of services and charges"),
}
OTHER = ("业务记录", "records of services")

SENSITIVITY: dict[str, int] = {
    "id_card": 10,
    "identity_card": 10,
    "content": 10,
    "text": 5,
    "location": 5,
    "address": 5,
    "name": 3,
    "phone": 3,
    "msisdn": 3,
    "number": 3,
    "usage": 3,
    "billing": 3,
    "email": 2,
    "subscriber": 1,
    "service": 1,
}
"""Weight of a column by its name; a column that is not listed weighs 1."""


def words_of_fields(fields: str, *, chinese: bool) -> str:
    """Names of fields as the person concerned reads them.

    >>> words_of_fields("phone,name,offer_change", chinese=False)
    'telephone number, name, records of services'
    """
    at = 0 if chinese else 1
    named = dict.fromkeys(FIELDS.get(part, OTHER)[at] for part in fields.split(",") if part)
    return ("、" if chinese else ", ").join(named)


def cost_of(columns: list[str], rows: int) -> int:
    """What an export counts against the day's budget: rows times the weight of its columns.

    >>> cost_of(["name", "id_card", "colour"], 10)
    140
    """
    return rows * sum(SENSITIVITY.get(column.strip().lower(), 1) for column in columns)
