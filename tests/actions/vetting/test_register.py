"""The register of services: imported from files of other systems, looked up by a charge."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from amends.causes.vetting.models import RegisteredService
from amends.causes.vetting.queries.services import service, services
from amends.entrances.feeds.imports.services import UnableToImportServices, import_services
from amends.people.partners.actions.register import register_partners
from amends.people.partners.queries import PartnerView
from amends.platform.tabular.report import FileReport

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
FILE = (
    "业务代码,业务名称,业务类型,提供商,平台方,资费,接入号,账单名称,退订方式\n"
    "8001,星声彩铃,第三方,星声文化,plat,6元/月,10658001,彩铃功能费,发送TD到10658001\n"
    "8002,夜读,第三方,没有这家,plat,5元/月,,,\n"
    "8003,自有云盘,自有,,,免费送-5,,,\n"
)


def imported(folder: Path, text: str) -> FileReport:
    """The report of a file."""
    path = folder / "services.csv"
    path.write_text(text)
    return import_services(path, rejects=folder / "r.csv", now=NOW, progress=lambda done, of: None)


@pytest.fixture(autouse=True)
def _partners() -> None:
    register_partners(
        [
            PartnerView("xs", "provider", "星声文化", "Xingsheng"),
            PartnerView("plat", "channel", "平台", "Platform"),
        ]
    )


def test_rows_of_another_system_are_registered_and_bad_ones_refused(tmp_path: Path) -> None:
    report = imported(tmp_path, FILE)
    assert (report.read, report.accepted, report.rejected) == (3, 1, 2)
    found = service("8001", now=NOW, language="zh-hans")
    assert found is not None
    assert (found.price_minor, found.currency, found.charge_period) == (600, "CNY", "month")
    assert (found.provider, found.provider_name) == ("xs", "星声文化")
    assert [(one.kind, one.partner) for one in found.links] == [
        ("delivery", "plat"),
        ("provider", "xs"),
    ]
    again = imported(tmp_path, FILE)
    assert (again.accepted, again.duplicates) == (0, 1)


def test_a_charge_is_looked_up_by_its_text_or_number(tmp_path: Path) -> None:
    imported(tmp_path, FILE)
    for text in ("彩铃", "10658001", "XINGSHENG 彩铃功能费 6.00", "星声彩铃月费"):
        rows = services(now=NOW, language="en", text=text, listed=True)
        assert [one.ref for one in rows] == ["8001"], text
    assert services(now=NOW, language="en", text="broadband", listed=True) == []


def test_a_brand_sees_its_own_services_alone(tmp_path: Path) -> None:
    imported(tmp_path, FILE)
    RegisteredService.objects.update(brand="plum")
    assert service("8001", now=NOW, language="en", brand="pear") is None
    assert service("8001", now=NOW, language="en", brand="plum") is not None


def test_a_file_without_names_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnableToImportServices):
        imported(tmp_path, "a,b\n1,2\n")
