"""What one partner can do to another, over the pages and the actions: nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from amends.causes.vetting.actions.conflicts import (
    answer_conflict_appeal,
    appeal_conflict,
    decide_conflict,
    state_on_conflict,
)
from amends.causes.vetting.actions.decide_app import decide_app
from amends.causes.vetting.actions.proceedings import propose
from amends.causes.vetting.actions.send_app import check_waiting, send_app
from amends.causes.vetting.models import AppCheck, PackageConflict, RegisteredService
from amends.causes.vetting.queries.checks import checks_for, finding_texts
from amends.people.access.actions.add_user import add_user
from amends.people.access.actions.partner_roles import UnableToSetPartner
from amends.people.access.models import User
from amends.people.partners.actions.contract import sign_contract
from amends.people.partners.actions.register import register_partners
from amends.people.partners.actions.sanction import impose
from amends.people.partners.queries import PartnerView
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.errors import AmendsError
from amends.platform.registry import check_gate
from amends.work.casework.actions.add_note import add_note
from amends.work.casework.texts.timeline import timeline
from apk_builder import apk, manifest
from shell import amends
from tests.pages.conftest import colleague, signed_in

pytestmark = pytest.mark.django_db
BAD = apk(manifest(permissions=("INTERNET", "READ_CONTACTS")))
PASSWORD = "Lan-Shan-93-Qiao"


@pytest.fixture(autouse=True)
def _partners() -> None:
    """Two partners with a service each, of two brands."""
    start = timezone.now() - timedelta(days=30)
    register_partners(
        [
            PartnerView("xs", "provider", "星声", "Star"),
            PartnerView("yy", "provider", "月影", "Moon"),
        ]
    )
    for ref, brand in (("xs", "plum"), ("yy", "pear")):
        sign_contract(ref, roles=("provide",), valid_from=start, brand=brand, ref=f"con-{ref}")
        RegisteredService.objects.create(
            ref=f"svc-{ref}",
            origin="third_party",
            name_zh=ref,
            name_en=ref,
            provider=ref,
            contract=f"con-{ref}",
            brand=brand,
            changed_at=start,
        )


def agent(partner: str, name: str = "") -> User:
    """Somebody who works for a partner."""
    name = name or f"agent.{partner or 'none'}"
    return User.objects.create(username=name, roles=["agent"], partner=partner)


def acts_for(user: User) -> Actor:
    return Actor("user", user.ref, tuple(user.roles), user.partner, user.brand)


def upload(client: Client, data: bytes = BAD, **fields: str) -> int:
    file = SimpleUploadedFile("a.apk", data)
    answer = client.post("/desk/apps/new/", {"file": file, "app_type": "flashlight"} | fields)
    check_waiting(now=timezone.now())
    return answer.status_code


def checked(user: User, data: bytes = BAD, *, service: str = "", hours: int = 0) -> AppCheck:
    now = timezone.now() + timedelta(hours=hours)
    row = send_app(
        "a.apk", data, app_type="flashlight", service=service, actor=acts_for(user), now=now
    )
    check_waiting(now=now)
    row.refresh_from_db()
    return row


def test_an_agent_without_a_partner_opens_and_sends_nothing() -> None:
    check = checked(agent("xs"))
    manager = acts_for(colleague("li.na", "manager"))
    add_note(
        "app_check", check.ref, text="Ask for the contract.", actor=manager, now=timezone.now()
    )
    nobody = agent("")
    client = signed_in(nobody)
    for path in ("", "new/", f"{check.ref}/", f"{check.ref}/report/"):
        assert client.get(f"/desk/apps/{path}").status_code == 403, path
    assert client.post(f"/desk/apps/{check.ref}/note/", {"text": "Seen"}).status_code == 403
    assert upload(client, partner="yy") == 403
    actor = acts_for(nobody)
    assert not checks_for(actor, now=timezone.now()).exists()
    with pytest.raises(AmendsError, match="role"):
        send_app("a.apk", BAD, app_type="", partner="yy", actor=actor, now=timezone.now())
    with pytest.raises(AmendsError):
        add_note("app_check", check.ref, text="Seen", actor=actor, now=timezone.now())
    assert [one.words for one in timeline("app_check", check.ref)] == ["Ask for the contract."]
    assert AppCheck.objects.count() == 1


def test_a_partner_sees_its_own_apps_without_the_notes_of_the_desk() -> None:
    check = checked(agent("xs"))
    manager = acts_for(colleague("li.na", "manager"))
    add_note(
        "app_check", check.ref, text="Ask for the contract.", actor=manager, now=timezone.now()
    )
    own = signed_in(User.objects.get(username="agent.xs"))
    page = own.get(f"/desk/apps/{check.ref}/").content.decode()
    assert "PERMISSION_EXCESS" in page
    assert "Ask for the contract." not in page
    assert own.post(f"/desk/apps/{check.ref}/note/", {"text": "Seen"}).status_code == 404
    other = signed_in(agent("yy"))
    assert other.get(f"/desk/apps/{check.ref}/").status_code == 404
    assert check.ref not in other.get("/desk/apps/").content.decode()


def test_the_partner_of_an_agent_is_mandatory_in_action_form_and_command() -> None:
    with pytest.raises(UnableToSetPartner, match="no partner"):
        add_user("a", password=PASSWORD, roles=["agent"])
    with pytest.raises(UnableToSetPartner, match="no partner"):
        add_user("a", password=PASSWORD, roles=["agent", "handler"])
    with pytest.raises(UnableToSetPartner, match="on record"):
        add_user("a", password=PASSWORD, roles=["agent"], partner="zz")
    admin = colleague("root", "administrator")
    client = signed_in(admin)
    path = "/desk/settings/people/new/"
    assert client.post(path, {"username": "a", "roles": ["agent"]}).status_code == 400
    form = {"username": "a", "roles": ["agent"], "partner": "xs"}
    assert client.post(path, form).status_code == 200
    assert User.objects.get(username="a").partner == "xs"
    path = "/desk/settings/people/a/"
    assert client.post(path, {"roles": ["agent"], "partner": ""}).status_code == 400
    assert User.objects.get(username="a").partner == "xs"
    assert amends("user", "b", "--role", "agent", "--password", PASSWORD).code == 2
    named = ("user", "b", "--role", "agent", "--partner", "yy", "--password", PASSWORD)
    assert amends(*named).code == 0
    assert User.objects.get(username="b").partner == "yy"


def test_an_account_without_a_partner_is_repaired_by_command_and_marked_in_the_list() -> None:
    agent("")
    client = signed_in(colleague("root", "administrator"))
    assert "partner missing" in client.get("/desk/settings/people/").content.decode()
    done = amends("user", "agent.none", "--partner", "xs", "--by", "root")
    assert done.code == 0
    assert "partner missing" not in client.get("/desk/settings/people/").content.decode()
    user = User.objects.get(username="agent.none")
    assert signed_in(user).get("/desk/apps/").status_code == 200


def test_a_partner_names_only_services_under_its_own_contract() -> None:
    client = signed_in(agent("xs"))
    page = client.get("/desk/apps/new/").content.decode()
    assert "svc-xs" in page
    assert "svc-yy" not in page
    for service in ("svc-yy", "launch-nobody-registered"):
        assert upload(client, apk(), service=service) == 200, "the form again, with its error"
        with pytest.raises(AmendsError, match="not a service of this partner"):
            checked(User.objects.get(username="agent.xs"), apk(), service=service)
    assert not AppCheck.objects.exists()
    assert check_gate("vetting", "svc-yy").state == "open"
    assert upload(client, apk(), service="svc-xs") == 302
    assert check_gate("vetting", "svc-xs").state == "green"


def test_a_service_whose_contract_ended_or_covers_another_brand_is_refused() -> None:
    user = agent("xs")
    RegisteredService.objects.filter(ref="svc-xs").update(brand="pear")
    with pytest.raises(AmendsError, match="not a service"):
        checked(user, apk(), service="svc-xs")
    RegisteredService.objects.filter(ref="svc-xs").update(brand="plum", contract="con-yy")
    with pytest.raises(AmendsError, match="not a service"):
        checked(user, apk(), service="svc-xs")


def test_the_gate_of_a_service_ignores_what_another_partner_sent_in_before() -> None:
    mine = checked(agent("yy"), apk(), service="svc-yy")
    row = checked(agent("xs"), BAD)
    # As an earlier version stored it.
    AppCheck.objects.filter(pk=row.pk).update(
        service="svc-yy", brand="", received_at=mine.received_at + timedelta(hours=1)
    )
    assert check_gate("vetting", "svc-yy").state == "green"
    AppCheck.objects.filter(pk=row.pk).update(service="svc-unknown")
    assert check_gate("vetting", "svc-unknown").state == "open"


def test_a_partner_reads_a_proposed_step_as_a_proposal() -> None:
    client = signed_in(agent("xs"))
    reasons = [{"component": "faults", "zh": "故障", "en": "faults"}]
    propose("xs", step="stop_orders", reasons=reasons, by=system("vetting"), now=timezone.now())
    page = client.get("/desk/apps/").content.decode()
    assert "Proposed: stop of new orders" in page
    assert "nothing changes until it is decided" in page
    assert "Service-quality manager" in page


def test_a_stopped_partner_reads_its_proceedings_and_sends_nothing() -> None:
    user = agent("xs")
    now = timezone.now()
    rejected, fine = checked(user), checked(user, apk(manifest(package="com.example.fine")))
    client = signed_in(user)
    assert client.get(f"/desk/apps/{fine.ref}/").status_code == 200
    impose("xs", kind="exclusion", reason="Leaked numbers.", now=now)
    page = client.get("/desk/apps/").content.decode()
    assert "Leaked numbers." in page
    assert rejected.ref not in page
    for check in (rejected, fine):
        assert client.get(f"/desk/apps/{check.ref}/").status_code == 404
        assert client.get(f"/desk/apps/{check.ref}/report/").status_code == 404
    assert client.get("/desk/apps/new/").status_code == 403
    assert upload(client) == 403
    with pytest.raises(AmendsError, match="suspended or excluded"):
        send_app("a.apk", BAD, app_type="", actor=acts_for(user), now=timezone.now())
    manager = acts_for(colleague("li.na", "manager"))
    propose("xs", step="end_contract", reasons=[{"component": ""}], by=manager, now=now)
    page = client.get("/desk/apps/").content.decode()
    assert "end of the contract" in page
    assert rejected.ref in page
    assert client.get(f"/desk/apps/{rejected.ref}/").status_code == 200
    assert client.get(f"/desk/apps/{fine.ref}/").status_code == 404


def test_nobody_of_a_partner_decides() -> None:
    user = agent("xs")
    check = checked(user)
    lead = colleague("lead", "partner_manager")
    lead.partner = "xs"
    lead.save()
    with pytest.raises(AmendsError, match="people of the operator"):
        decide_app(check.ref, accept=True, reason="Ours.", actor=acts_for(lead), now=timezone.now())


def claims() -> tuple[AppCheck, AppCheck, PackageConflict]:
    """An impostor sends in the package first, then its maker; the maker has a launch."""
    impostor = checked(agent("yy"), apk(key="another"), service="svc-yy")
    genuine = checked(agent("xs"), apk(), service="svc-xs", hours=1)
    return impostor, genuine, PackageConflict.objects.get()


def test_two_partners_with_one_package_are_a_case_and_neither_is_refused() -> None:
    impostor, genuine, conflict = claims()
    assert (impostor.verdict, genuine.verdict) == ("pass", "pass")
    assert "CERTIFICATE_CHANGED" not in [one.code for one in finding_texts(genuine)]
    assert check_gate("vetting", "svc-yy").state == "green", "nobody stops another by a name"
    assert check_gate("vetting", "svc-xs").state == "open"
    manager = signed_in(colleague("li.na", "manager"))
    page = manager.get(f"/desk/apps/conflicts/{conflict.ref}/").content.decode()
    assert "Star" in page
    assert "Moon" in page
    own = signed_in(User.objects.get(username="agent.xs"))
    page = own.get(f"/desk/apps/conflicts/{conflict.ref}/").content.decode()
    assert "Moon" not in page
    assert impostor.ref not in page
    third = agent("", "third")
    assert signed_in(third).get(f"/desk/apps/conflicts/{conflict.ref}/").status_code == 403
    of_brand = colleague("zhao.min", "manager", brand="plum")
    path = f"/desk/apps/conflicts/{conflict.ref}/"
    assert signed_in(of_brand).get(path).status_code == 404


def test_both_sides_are_heard_decided_and_answered_by_two_people() -> None:
    impostor, _genuine, conflict = claims()
    for name in ("xs", "yy"):
        client = signed_in(User.objects.get(username=f"agent.{name}"))
        path = f"/desk/apps/conflicts/{conflict.ref}/"
        assert client.post(f"{path}decide/", {"decision": "later"}).status_code == 403
        if name == "yy":
            with pytest.raises(AmendsError, match="may state their view"):
                decide_conflict(
                    conflict.ref,
                    decision="later",
                    reason="Sure.",
                    actor=acts_for(colleague("li.na", "manager")),
                    now=timezone.now(),
                )
        client.post(f"{path}state/", {"text": f"We are {name}, call 13812348000."})
    conflict.refresh_from_db()
    assert conflict.later_statement == "We are xs, call 138****8000."
    first, second = User.objects.get(username="li.na"), colleague("wang.wu", "partner_manager")
    form = {"decision": "later", "reason": "The shop lists the maker."}
    assert (
        signed_in(first).post(f"/desk/apps/conflicts/{conflict.ref}/decide/", form).status_code
        == 302
    )
    assert check_gate("vetting", "svc-xs").state == "green"
    assert check_gate("vetting", "svc-yy").state == "red"
    impostor.refresh_from_db()
    assert impostor.outcome == "rejected"
    again = checked(User.objects.get(username="agent.yy"), apk(key="another"), hours=2)
    assert [one.code for one in finding_texts(again)] == ["CERTIFICATE_CHANGED"]
    actor = acts_for(User.objects.get(username="agent.xs"))
    with pytest.raises(AmendsError, match="nothing to appeal"):
        appeal_conflict(conflict.ref, text="Won.", actor=actor, now=timezone.now())
    actor = acts_for(User.objects.get(username="agent.yy"))
    appeal_conflict(conflict.ref, text="We bought it.", actor=actor, now=timezone.now())
    terms = {"decision": "both", "reason": "Sold in part.", "now": timezone.now()}
    with pytest.raises(AmendsError, match="You decided"):
        answer_conflict_appeal(conflict.ref, actor=acts_for(first), **terms)
    answer_conflict_appeal(conflict.ref, actor=acts_for(second), **terms)
    assert check_gate("vetting", "svc-yy").state == "green"
    with pytest.raises(AmendsError):
        state_on_conflict(conflict.ref, text="More.", actor=actor, now=timezone.now())


def test_a_file_inspected_by_the_operator_claims_no_package(tmp_path: object) -> None:
    from pathlib import Path

    path = Path(str(tmp_path)) / "a.apk"
    path.write_bytes(apk(key="another"))
    amends("vetting", "check", path)
    assert checked(agent("xs"), apk()).verdict == "pass"
    assert not PackageConflict.objects.exists()
    done = amends("vetting", "check", path, "--json")
    assert done.code == 0, "the file inspected before counts first"
