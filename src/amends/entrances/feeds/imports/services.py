"""The register of services out of a file: one row for each service, columns by their names.

Needed are a reference and a name. The partners of the chain (`provider`, `delivery`, `network`,
`billing`, `app`) are given by reference or name; the operator's own links are "own".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from amends.causes.vetting.actions.register_services import (
    LinkEntry,
    ServiceEntry,
    register_service,
)
from amends.people.partners.queries import partners
from amends.platform.kit.errors import BadInput
from amends.platform.kit.money import digits_of
from amends.platform.kit.packs import day_in, pack
from amends.platform.kit.plain_letters import folded
from amends.platform.kit.texts import clean
from amends.platform.tabular.columns import ColumnRole, choose_columns
from amends.platform.tabular.report import FileReading, FileReport, Progress
from amends.platform.tabular.tables import Reject, read_table

_NAMES = {
    "ref": "ref|reference|service id|service code|service|product id|product code|业务代码|业务编码"
    "|业务编号|产品编码|产品代码",
    "name_zh": "name zh|chinese name|中文名称|业务名称|产品名称|名称",
    "name_en": "name en|english name|name|service name|product name|title|英文名称",
    "origin": "origin|kind|type|category|service type|业务类型|类型|业务分类",
    "provider": "provider|content provider|sp|cp|vendor|partner|partner id|supplier|提供方|提供商"
    "|合作方|服务提供者|内容提供商",
    "contract": "contract|contract id|contract no|agreement|合同|合同编号|协议编号",
    "offer": "offer|offer id|catalogue ref|plan|资费编码|资费代码|套餐代码",
    "charge_text": "charge text|bill text|billing text|invoice text|text on bill|账单名称|账单项目"
    "|收费名称",
    "number": "number|access number|short code|shortcode|access code|premium number|接入号|接入号码"
    "|端口号",
    "price": "price|fee|monthly fee|tariff|charge|amount|资费|价格|月费|金额",
    "currency": "currency|币种",
    "charge_period": "charge period|charged each|period|billing period|billing cycle|计费周期|周期",
    "stop_zh": "stop zh|退订方式|退订方法|取消方式",
    "stop_en": "stop en|how to stop|unsubscribe|cancellation|opt out",
    "answers": "answers|customer service|support|hotline|contact|客服电话|客服|服务电话",
    "brand": "brand|品牌",
    "delivery": "delivery|delivered by|platform|aggregator|交付方|承载平台|平台方",
    "network": "network|network by|网络方",
    "billing": "billing|billed by|计费方|代收方",
    "app": "app|app by|应用方",
}
_ROLES = tuple(ColumnRole(role, tuple(names.split("|"))) for role, names in _NAMES.items())
_LINKS = ("provider", "delivery", "network", "billing", "app")
_ORIGINS = {
    "own": "own|self|operator|自有|自营",
    "third_party": "third party|third_party|partner|sp|cp|value added|第三方|合作|增值业务|代收",
    "app": "app|application|应用|客户端",
    "agent": "agent|agency|dealer|代理|代理商|渠道",
}
_PERIODS = {
    "month": "month|monthly|per month|月|包月|元/月|每月",
    "year": "year|yearly|annual|per year|年|包年|每年",
    "once": "once|one time|one-time|一次|一次性|单次",
    "use": "use|per use|per item|次|按次|点播",
}
_OWN = frozenset({"own", "self", "operator", "we", "自有", "本公司", "运营商", "-"})
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_SIGNS = {"¥": "CNY", "￥": "CNY", "元": "CNY", "€": "EUR", "£": "GBP", "₹": "INR"}


class UnableToImportServices(BadInput):
    """The file has no column of references or of names."""

    code = "services_not_imported"


class _Unusable(BadInput):
    """A row that cannot be read; the others are imported."""

    code = "service_row_unusable"


def import_services(path: Path, *, rejects: Path, now: datetime, progress: Progress) -> FileReport:
    """Register the services of a file; a row that changes nothing is a duplicate.

    Bad rows are set aside with their reasons.
    """
    table = read_table(path)
    chosen = choose_columns(table.header, table.rows, _ROLES)
    columns = {role: chosen.get(role) for role in _NAMES}
    if not columns["ref"] or not (columns["name_zh"] or columns["name_en"]):
        raise UnableToImportServices(
            _("The file has no column of references and names of services."),
            meaning=_("Nothing was imported."),
            next_step=_("Call the columns ref and name_zh or name_en."),
            where=f"{path.name}:1",
        )
    partner_refs, usual = (
        _partner_names(),
        pack(settings.JURISDICTION, day_in(settings.JURISDICTION, now)).currency,
    )
    report, refused = FileReport(read=table.read), list(table.rejects)
    for number, (line, row) in enumerate(zip(table.lines, table.rows, strict=True), start=1):
        cells = dict(zip(table.header, row, strict=True))
        fields = {
            role: clean(cells[column]).strip() if column else "" for role, column in columns.items()
        }
        try:
            changed = register_service(_entry(fields, partner_refs, usual), now=now)
        except BadInput as why:
            refused.append(Reject(line, why.in_words(_), tuple(row)))
        else:
            report.accepted += changed
            report.duplicates += not changed
        progress(number, len(table.rows))
    report.reading = FileReading(
        columns={role: [column] for role, column in columns.items() if column},
        date_order=None,
        zone="",
        encoding=table.encoding,
        languages={},
    )
    report.set_aside(table.header, refused, rejects)
    return report


def _partner_names() -> dict[str, str]:
    """Reference or name, as it is compared → reference; a name of several partners is left out."""
    refs_by_name: dict[str, str] = {}
    twice = set()
    for partner in partners():
        for name in {folded(partner.name_zh), folded(partner.name_en)} - {""}:
            if refs_by_name.setdefault(name, partner.ref) != partner.ref:
                twice.add(name)
    refs_by_name = {name: ref for name, ref in refs_by_name.items() if name not in twice}
    return refs_by_name | {folded(partner.ref): partner.ref for partner in partners()}


def _entry(fields: Mapping[str, str], partner_refs: Mapping[str, str], usual: str) -> ServiceEntry:
    parties = {role: _party(role, fields[role], partner_refs) for role in _LINKS}
    price, currency = _price(fields["price"], fields["currency"] or _sign(fields["price"]) or usual)
    period = _one_of(_PERIODS, fields["charge_period"]) if fields["charge_period"] else ""
    return ServiceEntry(
        ref=fields["ref"],
        origin=_origin(fields["origin"], parties["provider"]),
        name_zh=fields["name_zh"] or fields["name_en"],
        name_en=fields["name_en"] or fields["name_zh"],
        provider=parties["provider"],
        contract=fields["contract"],
        offer=fields["offer"],
        charge_text=fields["charge_text"],
        number=fields["number"],
        price_minor=price,
        currency=currency,
        charge_period=period or ("month" if "月" in fields["price"] else ""),
        stop_zh=fields["stop_zh"] or fields["stop_en"],
        stop_en=fields["stop_en"] or fields["stop_zh"],
        answers=fields["answers"],
        brand=fields["brand"],
        links=tuple(LinkEntry(role, role, parties[role]) for role in _LINKS if fields[role]),
    )


def _party(role: str, cell: str, partner_refs: Mapping[str, str]) -> str:
    """The reference of a partner given by reference or name; "" for the operator itself."""
    if not cell or folded(cell) in _OWN:
        return ""
    try:
        return partner_refs[folded(cell)]
    except KeyError:
        raise _Unusable(
            _("%(field)s “%(cell)s” is not a registered partner.")
            % {"field": role, "cell": cell[:40]},
            next_step=_("Import the partners first."),
        ) from None


def _origin(cell: str, provider: str) -> str:
    if not cell:
        return "third_party" if provider else "own"
    return _one_of(_ORIGINS, cell)


def _one_of(vocabulary: Mapping[str, str], cell: str) -> str:
    wanted = folded(cell)
    for value, names in vocabulary.items():
        if wanted in names.split("|"):
            return value
    for value, names in vocabulary.items():
        if any(name in wanted for name in names.split("|") if len(name) > 1 or name in "月年次"):
            return value
    raise _Unusable(
        _("“%(cell)s” is none of %(known)s") % {"cell": cell[:40], "known": ", ".join(vocabulary)}
    )


def _sign(cell: str) -> str:
    """The currency whose sign is in the cell; "" for none."""
    return next((code for sign, code in _SIGNS.items() if sign in cell), "")


def _price(cell: str, currency: str) -> tuple[int | None, str]:
    """The price in minor units, with its currency; None where none is given."""
    if not cell:
        return None, ""
    match = _NUMBER.search(cell)
    if match is None or "-" in cell[: match.start()]:
        raise _Unusable(_("price “%(cell)s” is no amount") % {"cell": cell[:20]})
    code = currency.upper()
    minor = Decimal(match[0].replace(",", "")) * 10 ** digits_of(code)
    if minor != int(minor):
        raise _Unusable(_("price “%(cell)s” has too many decimals") % {"cell": cell[:20]})
    return int(minor), code
