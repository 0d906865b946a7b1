"""Whoever is confined to a brand meets nothing of another: at every desk page with the id of an
object and every call of the interface, so that a page or call added later is tried too."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core import signing
from django.db import connection, transaction
from django.test import Client
from tests.actions.complaints.conftest import BORN, PHONE
from tests.clock import MORNING, begin_at
from tests.conventions.test_attacks import filled, routes
from tests.pages.conftest import WORDS, Desk, colleague, desk, signed_in, world
from tests.pages.portals.conftest import Caller

from amends.cases.audits.models import MissedNotice
from amends.cases.complaints.actions.attach import NewFile, attach
from amends.cases.complaints.models import Complaint, Reply
from amends.causes.confirmations.actions.audit_past import look_back
from amends.causes.confirmations.actions.place import NewOrder, place
from amends.causes.confirmations.models import Presence
from amends.causes.launches.actions.assess import assess, request_assessment
from amends.causes.launches.models import Launch
from amends.causes.launches.rules.case import case_of, example
from amends.causes.notices.actions.enrol import NewLines, enrol
from amends.causes.notices.actions.hold import hold_rows
from amends.causes.notices.actions.record_events import NewEvent, record_events
from amends.causes.notices.models import LifeEvent
from amends.causes.privacy.actions.review_service import review_service
from amends.causes.privacy.models import Incident, MisuseCase, RightsRequest
from amends.causes.protection.actions.evidence import EvidenceFile, add_evidence
from amends.causes.protection.models import (
    NuisanceReport,
    NumberAppeal,
    ProtectionSettings,
    ReportedNumber,
)
from amends.causes.publicity.actions.accept_phrases import propose_phrase
from amends.causes.publicity.actions.see_copy import see_copy
from amends.causes.publicity.actions.write import write_copy
from amends.causes.publicity.models import FoundFault, PublishedCopy
from amends.causes.vetting.actions.proceedings import propose as propose_step
from amends.causes.vetting.actions.register_services import ServiceEntry, register_service
from amends.causes.vetting.models import (
    AppCheck,
    ContentFinding,
    ContentSample,
    PackageConflict,
    PartnerScore,
    RegisteredService,
)
from amends.channels.actions.post import Outgoing, post_many
from amends.channels.actions.receive import Incoming, receive
from amends.channels.models import SocialAnswer, SocialPost
from amends.engines.metering.engine.marks import MeteringPlan
from amends.entrances.chats.actions.begin import begin
from amends.entrances.chats.queries import lines_of
from amends.entrances.portals.actions.clients import SCOPES, client_of_token, make_client
from amends.entrances.portals.actions.colleagues import bind_colleague
from amends.entrances.portals.api.interface import api
from amends.entrances.portals.rules.keypad import keypad_digits
from amends.network.quality.actions.plan_notices import NoticeTexts, draft_plan
from amends.network.quality.models import SpeedTest
from amends.people.access.actions.break_glass import ask_break_glass
from amends.people.access.models import Case, User
from amends.people.access.queries.staff import actor_of_user
from amends.people.partners.actions.contract import sign_contract
from amends.people.partners.actions.register import register_partners
from amends.people.partners.queries import PartnerView
from amends.people.subscribers.models import Subscriber
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.periods import to_ms
from amends.problems.emergencies.actions.declare import Declaration, declare
from amends.problems.emergencies.models import Emergency
from amends.problems.emergencies.web.acts import ACTS
from amends.problems.hotissues.actions.join import join
from amends.problems.hotissues.actions.open_issue import open_issue
from amends.problems.hotissues.models import Cause, HotIssue
from amends.problems.measures.models import Measure
from amends.record.catalogue.actions.publish_offers import NewOffer, publish_offers
from amends.record.ledger.actions.append import append
from amends.work.approvals.models import WaitingItem
from amends.work.casework.models import (
    Absence,
    AssignmentRule,
    QualityReview,
    Team,
    TextModule,
)
from amends.work.knowledge.models import (
    ArticleVersion,
    HelpArticle,
    ImprovementIdea,
    KnowledgeFinding,
    PublicQuestion,
)
from amends.work.remedies.actions.approve import approve
from amends.work.remedies.actions.export import export
from amends.work.remedies.actions.propose import Proposal, propose

__all__ = ["desk", "world"]

pytestmark = pytest.mark.django_db
NOW = MORNING
ROLES = ("handler", "senior_handler", "manager", "privacy_officer", "administrator")

OF_NO_BRAND = {
    "desk/rules/<str:app>/<str:version>/": "rules hold for everybody",
    "desk/publicity/offers/": "offers are the operator's; no person is named",
    "desk/notices/duty/<str:duty>/": "duties hold for everybody",
    "desk/coverage/<str:duty>/": "duties; the notices owed on it are those of the brand",
    "desk/coverage/<str:duty>/csv/": "likewise",
    "desk/examination/": "processes of the operator; no person is named",
    "desk/notices/usage/<int:number>/": "feeds of the network",
    "desk/network/areas/": "areas and cells; complaints and users are counted of the brand alone",
    "desk/network/incidents/": "faults of the network; counts and complaints are of the brand",
    "desk/apps/hosts/": "hosts of the whole operator; who is confined to a brand is refused",
    "desk/protection/numbers/": "numbers outside belong to nobody; the reports shown are the brand's",
    "desk/settings/people/": "accounts of all brands; who is confined to one is refused",
    "desk/knowledge/to-write/": "searches of the public, masked",
    "desk/setup/": "the first run of the whole operator; files of one brand are refused",
    "desk/imports/": "files of the whole operator; who is confined to a brand is refused",
}
"""Beginnings of addresses whose object belongs to no brand, and why."""


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    begin_at(monkeypatch, NOW)


@dataclass(frozen=True, slots=True)
class Plum:
    """Objects of the brand plum: by the beginning of the addresses that name them, and singly."""

    person: str
    line: str
    by_address: dict[str, dict[str, str]]
    code: str
    advert: str
    remedy: str
    export: str
    hold: str
    message: str = ""


@pytest.fixture
def plum(desk: Desk) -> Plum:
    """One object of each kind, all of a subscriber of plum."""
    person, line = desk.world.person, desk.world.plan
    Subscriber.objects.filter(pseudonym=person).update(brand="plum")
    complaint = Complaint.objects.get(id=desk.complaint)
    Complaint.objects.filter(id=complaint.id).update(brand="plum")
    Case.objects.update(brand="plum")
    (file,) = attach(complaint.contacts.get().id, [NewFile("bill.png", PICTURE)], now=NOW)
    letter = Reply.objects.create(
        complaint=complaint,
        kind="acknowledgement",
        language="zh",
        subject="s",
        body="b",
        drafted_at=NOW,
        drafted_by="desk",
        posted_at=NOW,
    )
    with transaction.atomic():
        append(publish_offers([_gift()]), now=BORN)
    register_partners([PartnerView("star-sound", "provider", "星声", "Star Sound")])
    sign_contract("star-sound", roles=("provider",), brand="plum", valid_from=BORN)
    register_service(ServiceEntry("tones", "own", "彩铃", "Tones", brand="plum"), now=NOW)
    PartnerScore.objects.create(partner="star-sound", month=NOW.date().replace(day=1), made_at=NOW)
    proceeding = propose_step(
        "star-sound",
        step="probation",
        reasons=[
            {
                "component": "",
                "zh": "投诉明显高于同类合作方",
                "en": "Complaints are far above those of its peers.",
            }
        ],
        by=system("vetting"),
        now=NOW,
    )
    order = _order(person, "k-plum")
    owner = actor_of_user(colleague("owner", "manager", brand="plum"))
    audit = look_back(start=BORN, end=NOW, actor=owner, now=NOW)
    assert audit.findings.count() == 1
    booked, waits = propose(
        [
            Proposal(
                cause=f"complaint:{n}",
                kind="credit",
                subscriber=person,
                amount_minor=100,
                currency="CNY",
            )
            for n in "ab"
        ],
        by="decide",
        now=NOW,
    )
    approve([booked.id], actor=system("desk"), now=NOW)
    number, _rows = export(now=NOW)
    approve([waits.id], actor=system("desk"), now=NOW)
    hold_rows([("h-1", person, line, "cn.roaming_cap", "roaming", "2026-11-01", "hold")], now=NOW)
    MissedNotice.objects.create(
        key="owed-1",
        duty="cn.roaming_cap",
        period="2026-11-01",
        subscriber=person,
        service=line,
        brand="plum",
        due_at_ms=to_ms(NOW),
        state="missing",
    )
    issue = open_issue(
        ["code=network"], started_at=NOW, now=NOW, actor=system("scan"), brand="plum"
    )
    measure = Measure.objects.create(
        number=1,
        brand="plum",
        title="t",
        cause="c",
        action="a",
        owner="usr-1",
        starts_on=NOW.date(),
        judge_on=NOW.date(),
        expected_drop_permille=100,
        planned_at=NOW,
    )
    asked = ask_break_glass(
        actor_of_user(colleague("lan", "senior_handler")),
        subscriber=person,
        fields=["phone"],
        reason="急救中心来电核实",
        now=NOW,
    )
    misuse = MisuseCase.objects.create(ref="mis-plum", user="u", brand="plum", opened_at=NOW)
    checked_app = AppCheck.objects.create(
        ref="app-plum", brand="plum", state="checked", verdict="reject", received_at=NOW
    )
    conflict = PackageConflict.objects.create(
        ref="pkg-plum",
        package="com.example",
        state="hearing",
        earlier="star-sound",
        earlier_check=checked_app,
        later_check=checked_app,
        opened_at=NOW,
        statement_until=NOW,
    )
    sample = ContentSample.objects.create(
        ref="cnt-plum",
        service=RegisteredService.objects.get(ref="tones"),
        source="page",
        text=b"",
        label="gambling",
        score=0.9,
        sampled_at=NOW,
        submitted_by="u",
    )
    content = ContentFinding.objects.create(
        ref="fnd-plum", sample=sample, label="gambling", found_at=NOW, due_at=NOW, rule="r"
    )
    ProtectionSettings.objects.create(
        subscriber=person, international_calls_off=True, changed_at=NOW
    )
    forwarded = NuisanceReport.objects.create(
        ref="rep-plum",
        key="k",
        thing="message",
        text=b"",
        reporter="r",
        brand="plum",
        channel="web",
        reported_at=NOW,
    )
    (screenshot,) = add_evidence(forwarded.ref, [EvidenceFile("s.png", PICTURE)], now=NOW)
    leak = Incident.objects.create(
        ref="inc-plum",
        title="t",
        origin="hand",
        brand="plum",
        level="general",
        since=NOW,
        until=NOW,
        found_at=NOW,
        opened_by="u",
        opened_at=NOW,
    )
    wish = RightsRequest.objects.create(
        ref="rgt-plum",
        subscriber=person,
        brand="plum",
        kind="access",
        channel="web",
        rule="r",
        received_at=NOW,
        due_at=NOW,
    )
    reported = ReportedNumber.objects.create(ref="num-1", entry="e", last_reported_at=NOW)
    objection = NumberAppeal.objects.create(
        ref="apl-plum",
        number=reported,
        subscriber=person,
        brand="plum",
        received_at=NOW,
        due_at=NOW,
    )
    advert = write_copy("赠礼全网最低价", offer="gift", channel="web", actor=owner, now=NOW)
    seen, _new = see_copy(
        ADVERT["text"],
        offer=ADVERT["offer"],
        channel=ADVERT["channel"],
        location=ADVERT["place"],
        actor=owner,
        now=NOW,
    )
    finding = FoundFault.objects.get(copy=advert, code="ABSOLUTE_TERM")
    phrase = propose_phrase("全网最低价", reason="监测报告", until=NOW.date(), actor=owner, now=NOW)
    launch, approved = (_launch(name, owner) for name in ("plum-49", "plum-59"))
    Launch.objects.filter(id=approved.id).update(state="approved")
    handed_in = request_assessment(_case("plum-69"), actor=owner, now=NOW)
    review_service("plum-49", _flows("requester"), actor=owner, now=NOW)
    reviewed = review_service("plum-49", _flows("called"), actor=owner, now=NOW)
    (message,) = post_many(
        [
            Outgoing(
                key="by-hand",
                channel="letter",
                recipient="Street 1",
                body="b",
                language="zh",
                subscriber=person,
            )
        ],
        now=NOW,
    )
    enrol(NewLines([line], [person], [0], [0], [MeteringPlan("hours")], [("UTC", 1)]), now=NOW)
    record_events(
        [NewEvent("e-1", "arrears", person, line, NOW, figures={"owed_minor": 1})], now=NOW
    )
    words = NoticeTexts("断网", "down", "恢复", "up")
    notices = draft_plan(words, kinds=["outage"], cap=10, actor=owner, now=NOW)
    team = Team.objects.create(slug="plum", title="Plum", brand="plum")
    rule = AssignmentRule.objects.create(
        title="plum", team=team, valid_from=NOW.date(), changed_by=owner.ref
    )
    module = TextModule.objects.create(
        slug="plum",
        language="zh",
        brand="plum",
        title="Plum",
        text="t",
        changed_by=owner.ref,
        changed_at=NOW,
    )
    absence = Absence.objects.create(
        person=owner.ref,
        first_day=NOW.date(),
        last_day=NOW.date() + timedelta(days=300),
        set_by=owner.ref,
        set_at=NOW,
    )
    post = SocialPost.objects.create(
        message=receive(
            Incoming(channel="social", external_id="x:1", sender="1@x", text="t", received_at=NOW),
            now=NOW,
        ),
        account="plum",
        platform="webhook",
        brand="plum",
        kind="mention",
        thread="t",
        posted_at=NOW,
        recorded_at=NOW,
    )
    answer = SocialAnswer.objects.create(
        post=post, is_public=True, proposed_by=owner.ref, proposed_at=NOW
    )
    article = HelpArticle.objects.create(
        slug="of-plum", category="charges", brand="plum", review_date=NOW.date()
    )
    ArticleVersion.objects.create(
        article=article,
        language="zh",
        version=1,
        title="t",
        text="t",
        state="published",
        written_by=owner.ref,
        written_at=NOW,
    )
    disagreement = KnowledgeFinding.objects.create(
        article=article, language="zh", code="figure", said="5元", found_at=NOW
    )
    question = PublicQuestion.objects.create(
        ref="ask-plum", language="zh", text="t", contact=b"", brand="plum", asked_at=NOW
    )
    idea = ImprovementIdea.objects.create(
        ref="idea-plum", language="zh", text="t", contact=b"", brand="plum", suggested_at=NOW
    )
    review = QualityReview.objects.create(
        kind="complaint", key=complaint.id, handler="usr-1", drawn_at=NOW, drawn_by=owner.ref
    )
    request = WaitingItem.objects.create(
        decision="knowledge.publish_article",
        subject_kind="article",
        subject_key=article.slug,
        subject_title="plum",
        brands=["plum"],
        asked_by=owner.ref,
        asked_at=NOW,
        reason="Prices have changed.",
        addressee_kind="permission",
        addressee="knowledge.publish",
        due_at=NOW + timedelta(days=7),
    )
    return Plum(
        person,
        line,
        {
            "desk/network/notices/": {"ref": notices.id},
            "desk/approvals/": {"ref": request.ref},
            "desk/settings/teams/": {"slug": team.slug},
            "desk/settings/rules/": {"number": str(rule.pk)},
            "desk/settings/texts/": {"number": str(module.pk)},
            "desk/settings/absences/": {"number": str(absence.pk)},
            "desk/reviews/": {"number": str(review.pk)},
            "desk/posts/": {"ref": post.pk, "answer": answer.pk},
            "desk/chats/": _chat(),
            "desk/c/": {
                "ref": complaint.id,
                "attachment": file,
                "reply": letter.id,
                "number": "1",
                "tab": "customer",
            },
            "desk/emergency/": {"ref": asked},
            "desk/launches/": {"ref": launch.id, "verb": "stop"},
            "desk/launches/<str:ref>/start/": {"ref": approved.id},
            "desk/launches/assessments/": {"ref": handed_in.id},
            "desk/publicity/": {"ref": advert, "finding": str(finding.pk)},
            "desk/publicity/phrases/": {"number": str(phrase.pk)},
            "desk/privacy/review/": {"ref": reviewed.ref},
            "desk/privacy/cases/": {"ref": misuse.ref},
            "desk/apps/": {"ref": checked_app.ref},
            "desk/apps/conflicts/": {"ref": conflict.ref},
            "desk/contents/": {"ref": content.ref},
            "desk/privacy/incidents/": {"ref": leak.ref, "verb": "tell"},
            "desk/privacy/requests/": {"ref": wish.ref},
            "desk/protection/evidence/": {"ref": screenshot},
            "desk/protection/appeals/": {"ref": objection.ref},
            "desk/knowledge/articles/": {"slug": article.slug},
            "desk/knowledge/findings/": {"number": str(disagreement.pk)},
            "desk/knowledge/questions/": {"ref": question.ref},
            "desk/knowledge/ideas/": {"ref": idea.ref},
            "desk/cases/": {"ref": Case.objects.filter(reference=complaint.id)[0].ref},
            "desk/remedies/export/": {"number": number},
            "desk/confirmations/orders/": {"ref": order},
            "desk/confirmations/audits/": {"ref": audit.id},
            "desk/confirmations/partners/": {"ref": "star-sound"},
            "desk/notices/holds/": {"key": "h-1"},
            "desk/coverage/notice/": {"key": "owed-1"},
            "desk/hotissues/": {"ref": issue.id, "verb": "take", "form": "csv"},
            "desk/hotissues/<str:ref>/emergency/": {"ref": issue.id, "verb": "assign"},
            "desk/measures/": {"ref": measure.id},
            "desk/services/": {"ref": "tones"},
            "desk/services/partners/": {"ref": "star-sound"},
            "desk/services/proceedings/": {"ref": proceeding},
        },
        complaint.code_public,
        seen,
        waits.id,
        number,
        "h-1",
        message.id,
    )


def _case(offer: str) -> Any:
    document = example()
    document["case"][0]["offer"] = offer
    return case_of(document)


def _launch(offer: str, owner: Actor) -> Launch:
    return assess(_case(offer), actor=owner, now=NOW, draws=100)


def _flows(consent: str) -> dict[str, object]:
    flow = {
        "id": "on",
        "about": "called",
        "reveals": "presence",
        "to": "requester",
        "consent_of": [consent],
        "default": "off",
        "opt_out": True,
        "necessary": True,
        "retention_days": 1,
    }
    return {"service": "reminder", "purpose": "", "flows": [flow]}


def _gift() -> NewOffer:
    return NewOffer(
        ref="gift",
        version="1",
        kind="gift",
        name_zh="赠礼",
        name_en="gift",
        price_minor=0,
        currency="CNY",
        valid_from=BORN,
    )


def _order(person: str, key: str, by: str = "app") -> str:
    new = NewOrder(key=key, order="open", subscriber=person, offer="gift", channel="app")
    return place(new, actor=system(by), now=NOW).id


ADVERT = {"text": "赠礼每月0元。", "offer": "gift", "channel": "web", "place": "/gift"}
PICTURE = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""The smallest picture, as a file of a complaint."""
FORM = {
    "verb": "withdraw",
    "fields": "phone",
    "personal_fields": "phone",
    "reason": "用户来电核实身份",
    "seen": "1",
    "document": "pad 7",
    "paper": "pad-7",
    "kind": "warning",
    "compared": "on",
}


def stored_rows(*without: str) -> Iterator[tuple[str, list[str]]]:
    """The name of each model with the rows of its table as text, but for the apps `without`.

    They are read without Django's query sets, whose building takes most of the time for hundreds
    of small tables.
    """
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if model._meta.app_label not in without:
                table = connection.ops.quote_name(model._meta.db_table)
                cursor.execute(f"SELECT * FROM {table}")
                yield model._meta.label, [repr(row) for row in cursor.fetchall()]


def everything() -> dict[str, list[str]]:
    """The rows of every table, but for who is signed in."""
    return {label: sorted(rows) for label, rows in stored_rows("sessions")}


def addresses(plum: Plum) -> dict[str, str]:
    """Route → address, of every desk page that names an object."""
    found = {}
    for route in sorted({route for route, _view in routes()}):
        if (
            not route.startswith("desk/")
            or "<" not in route
            or route.startswith(tuple(OF_NO_BRAND))
        ):
            continue
        beginning = max(filter(route.startswith, plum.by_address), key=len, default="")
        parts = set(re.findall(r"<\w+:(\w+)>", route))
        known = plum.by_address.get(beginning, {})
        assert parts <= known.keys(), (
            f"{route} names an object this test has none of: add one to `plum`, or the address to "
            "`OF_NO_BRAND` with the reason"
        )
        found[route] = filled(route, **known)
    return found


def test_every_page_that_names_an_object_is_closed_to_another_brand(plum: Plum) -> None:
    pear = signed_in(colleague("pear", *ROLES, brand="pear"))
    own = signed_in(colleague("own", *ROLES, brand="plum"))
    named, failed = addresses(plum), []
    assert len(named) > 40
    before = everything()
    for route, address in named.items():
        for answer in (pear.get(address), pear.post(address, FORM)):
            method = answer.request["REQUEST_METHOD"]
            if answer.status_code not in {404, 405}:
                failed.append(f"{method} {route} answers {answer.status_code}")
            if {plum.person, "赠礼", "gift"} & set(answer.content.decode().split()):
                failed.append(f"{method} {route} shows something")
        after = everything()
        if changed := [table for table, rows in after.items() if rows != before[table]]:
            failed.append(f"{route} changes {changed}")
        before = after
    # What is only read first: a plan that is dropped is not there any more.
    answers = {route: own.get(address).status_code for route, address in named.items()}
    only_acts = sorted((route for route, status in answers.items() if status == 405), reverse=True)
    answers |= {route: own.post(named[route], FORM).status_code for route in only_acts}
    failed += [
        f"{route} is not there for its own brand" for route in answers if answers[route] == 404
    ]
    assert not failed, "\n".join(failed)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/desk/launches/", ("plum-49", "plum-59", "plum-69")),
        ("/desk/privacy/", ("plum-49", "reminder")),
        ("/desk/privacy/board/", ("reminder",)),
        ("/desk/privacy/processing/", ("reminder",)),
    ],
)
def test_lists_of_launches_and_reviews_show_one_s_own_brand(
    plum: Plum, path: str, words: tuple[str, ...]
) -> None:
    pear = signed_in(colleague("pear", *ROLES, brand="pear")).get(path).content.decode()
    assert not [word for word in words if word in pear]
    own = signed_in(colleague("own", *ROLES, brand="plum")).get(path).content.decode()
    assert any(word in own for word in words)


def test_every_call_of_the_interface_is_closed_to_another_brand(
    plum: Plum, settings: Any, tmp_path: Path
) -> None:
    settings.USAGE_DIR = tmp_path
    pear, own = (_caller(brand) for brand in ("pear", "plum"))
    administrator = actor_of_user(colleague("root", "administrator"))
    for client in ("pear", "plum"):
        bind_colleague(client, "qiao.lin", actor=administrator, now=NOW)
    # An order of the client's own, of somebody who is with another brand by now.
    placed = {}
    for by, brand in ((pear, "pear"), (own, "plum")):
        Subscriber.objects.filter(pseudonym=plum.person).update(brand=brand)
        answer = by.post("/orders", {"order": "open", "phone": PHONE, "offer": "gift"}, key="first")
        placed[by.token] = answer.json()["order"]
    calls = _calls(plum, placed)
    known = {
        operation["operationId"]
        for path in api.get_openapi_schema()["paths"].values()
        for operation in path.values()
    }
    assert known == {*calls, *OF_NO_OBJECT}, "a call that is not tried: add it to `_calls`"
    failed = []
    for name, (ask, is_closed) in calls.items():
        if not is_closed(ask(pear)):
            failed.append(f"{name} is open to another brand")
        if is_closed(ask(own)):
            failed.append(f"{name} is closed to its own brand: nothing was tried")
    assert not failed, "\n".join(failed)
    assert not LifeEvent.objects.exclude(ref__in=("e-1", "e-plum")).exists()


OF_NO_OBJECT = {
    "frozen",
    "handOverPosts",
    "reportAlarms",
    # Answered alike for every number and code; the transcript is the caller's own.
    "askPresence",
    "answerPresence",
    "speedTestLink",
    "voiceMenu",
    "handOverTranscript",
    # A reporter of another brand counts as unknown.
    "reportNuisance",
}

Ask = Callable[[Caller], Any]


HOT_ISSUE_VERBS = ("take", "close", "reopen", "late", "join", "leave", "judge")
INCIDENT_VERBS = ("report", "ask", "tell", "step", "level", "scope", "close")


def _verbs(route: str) -> tuple[str, ...]:
    if "<str:verb>" not in route:
        return ("",)
    if "/emergency/" in route:
        return tuple(ACTS)
    return HOT_ISSUE_VERBS if "hotissues" in route else INCIDENT_VERBS


def _body(plum: Plum) -> dict[str, Any]:
    """What every form asks for, naming objects of plum: enough for each to reach its action."""
    ref = plum.by_address["desk/c/"]["ref"]
    cause = Cause.objects.get()
    texts = dict.fromkeys(
        (
            "zh",
            "en",
            "reason",
            "because",
            "review",
            "title",
            "title_zh",
            "title_en",
            "words",
            "customer_text",
            "action",
            "text",
        ),
        "事故说明 words enough for a review",
    )
    days = {
        name: f"{NOW + timedelta(days=n):%Y-%m-%d}"
        for n, name in enumerate(("starts_on", "since", "judge_on"))
    }
    return (
        FORM
        | texts
        | days
        | {
            "picked": [ref, plum.remedy],
            "complaint": ref,
            "complaints": plum.code,
            "issue": plum.by_address["desk/hotissues/"]["ref"],
            "instead": plum.by_address["desk/measures/"]["ref"],
            "owner": User.objects.get(username="owner").ref,
            "message": plum.message,
            "confirmed": "yes",
            "most": "9",
            "seen": "",
            "amount": "1.00",
            "offer": "gift",
            "kind": "offer",
            "ref": "gift",
            "level": "level4",
            "step": "tell_regulator",
            "disaster": "yes",
            "answer": "leave",
            "cause": str(cause.id),
            "judged": "confirmed",
            "phone": PHONE,
            "order": "open",
            "persons": "20",
            "outcome": "done",
            "channel": "letter",
        }
    )


def _of_plum(plum: Plum) -> set[str]:
    """Every row that names an object of plum, but for who signed in and what was looked at."""
    ids = {plum.person, plum.line, plum.remedy, plum.export, plum.hold, plum.message}
    ids |= {
        one
        for parts in plum.by_address.values()
        for name, one in parts.items()
        if name not in {"verb", "form", "number"}
    }
    return {
        f"{label}: {row}"
        for label, rows in stored_rows("sessions", "access")
        for row in rows
        if any(one in row for one in ids)
    }


FOR_EVERYBODY = {"desk/coverage/audit/"}
"""Forms that compute something anew for the whole operator and name nobody: the audit of notices."""


def _desk_addresses(plum: Plum) -> dict[str, str]:
    """Route and verb → address, of every page of the desk."""
    found = {}
    for route in sorted({route for route, _view in routes() if route.startswith("desk/")}):
        if ("<" in route and route.startswith(tuple(OF_NO_BRAND))) or route in FOR_EVERYBODY:
            continue
        beginning = max(filter(route.startswith, plum.by_address), key=len, default="")
        for verb in _verbs(route):
            known = plum.by_address.get(beginning, {}) | ({"verb": verb} if verb else {})
            found[f"{route} {verb}".strip()] = filled(route, **known)
    return found


@pytest.mark.parametrize("of_every_brand", [False, True], ids=["of plum", "of every brand"])
def test_no_form_of_the_desk_reaches_another_brand(plum: Plum, of_every_brand: bool) -> None:
    issue = HotIssue.objects.get()
    complaint = plum.by_address["desk/c/"]["ref"]
    join(issue.id, [complaint], because="same", actor=system("scan"), now=NOW)
    owner = actor_of_user(User.objects.get(username="owner"))
    declare(issue.id, Declaration("billing", "level2", "x"), actor=owner, now=NOW)
    (waiting,) = propose(
        [
            Proposal(
                cause="complaint:c",
                kind="credit",
                subscriber=plum.person,
                brand="plum",
                amount_minor=100,
                currency="CNY",
            )
        ],
        by="decide",
        now=NOW,
    )
    plum = replace(plum, remedy=waiting.id)
    Cause.objects.create(
        issue=issue, kind="campaign", reference="spring", rank=1, from_at=NOW, fit=1.0
    )
    if of_every_brand:
        HotIssue.objects.update(brand="")
        Measure.objects.update(brand="")
        Emergency.objects.update(brand="")
    pear = signed_in(colleague("pear", *ROLES, brand="pear"))
    own = signed_in(colleague("own", *ROLES, brand="plum"))
    body, failed = _body(plum), []
    named = _desk_addresses(plum)
    before = _of_plum(plum)
    for route, address in named.items():
        answer, wrote = _posted(pear, address, body | _own_fields(plum, route))
        if answer.status_code >= 500:
            failed.append(f"{route} answers {answer.status_code}")
        if plum.person in answer.content.decode():
            failed.append(f"{route} shows something")
        if not wrote:
            continue
        now = _of_plum(plum)
        for row in sorted(now ^ before):
            if not (of_every_brand and row.startswith(FOR_ONES_OWN_BRAND)):
                failed.append(f"{route} changes {row[:200]}")
        before = now
    assert not failed, "\n".join(failed)
    if of_every_brand:
        return
    reached = set()
    for route, address in named.items():
        if _posted(own, address, body | _own_fields(plum, route))[1]:
            now = _of_plum(plum)
            if now != before:
                reached.add(route)
            before = now
    assert set(REACHED) <= reached, set(REACHED) - reached


def _own_fields(plum: Plum, route: str) -> dict[str, Any]:
    """What one form asks for otherwise than the others do."""
    if route == "desk/bulk/":
        return {"verb": "take", "picked": plum.by_address["desk/c/"]["ref"]}
    if route == "desk/remedies/decide/":
        return {"verb": "approve", "picked": plum.remedy}
    if route == "desk/hotissues/<str:ref>/emergency/<str:verb>/ freeze":
        return {"what": "offer:gift"}
    return {"kind": "containment"} if route.endswith(" step") else {}


def _posted(client: Client, address: str, body: dict[str, Any]) -> tuple[Any, bool]:
    """The answer to a form, and whether anything was written but for the session."""
    wrote = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if re.match(r"(INSERT|UPDATE|DELETE)\b(?!.*django_session)", sql):
            wrote.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        answer = client.post(address, body)
    return answer, bool(wrote)


FOR_ONES_OWN_BRAND = (
    "emergencies.AnswerRound:",
    "emergencies.SilentNotice:",
    "hotissues.Happening:",
    "ledger.SingleFact:",
)
"""On an issue of several brands each drafts for its own customers, which the history says."""


REACHED = (
    "desk/bulk/",
    "desk/measures/<str:ref>/drop/",
    "desk/privacy/incidents/<str:ref>/<str:verb>/ step",
    "desk/remedies/decide/",
    *(
        f"desk/hotissues/<str:ref>/emergency/<str:verb>/ {verb}"
        for verb in (
            "cause",
            "disaster",
            "draft",
            "freeze",
            "notice",
            "publish",
            "review",
            "level",
        )
    ),
    *(f"desk/hotissues/<str:ref>/act/<str:verb>/ {verb}" for verb in ("take", "judge", "leave")),
)
"""Some whose form is valid enough for its own brand: else nothing would be tried."""


def test_speed_tests_of_another_brand_are_not_listed(plum: Plum) -> None:
    for code, person in (("AAAA-BBBB-CCCC", plum.person), ("DDDD-EEEE-FFFF", "")):
        SpeedTest.objects.create(
            code=code,
            test=code,
            at=NOW,
            server="s",
            method="ndt7",
            down_kbps=1,
            up_kbps=1,
            min_rtt_us=1,
            subscriber=person,
        )
    pages = {
        brand: signed_in(colleague(f"at-{brand}", *ROLES, brand=brand))
        .get("/desk/speed-tests/")
        .content.decode()
        for brand in ("pear", "plum", "")
    }
    assert "AAAA-BBBB-CCCC" not in pages["pear"]
    assert "DDDD-EEEE-FFFF" not in pages["pear"]
    assert "AAAA-BBBB-CCCC" in pages["plum"]
    assert "DDDD-EEEE-FFFF" in pages[""]


def _caller(brand: str) -> Caller:
    token = make_client(brand, scopes=SCOPES, now=NOW, brand=brand, trusted_identity=True)
    return Caller(Client(), token)


def _chat() -> dict[str, str]:
    """A chat of the brand plum with a file."""
    picture = [NewFile("bill.png", PICTURE)]
    chat = begin(text="赠礼 gift", language="zh", key="c-1", brand="plum", files=picture, now=NOW)
    (line, *_others) = lines_of(chat)
    return {"ref": chat.id, "file": line.files[0].id}


def _presence(by: Caller, person: str) -> dict[str, str]:
    """The header of a presence that the person has shown to this client."""
    shown = Presence.objects.create(
        subscriber=person,
        way=Presence.Way.CODE,
        channel="sms",
        asked_at=NOW,
        expires_at=NOW + timedelta(minutes=10),
        shown_at=NOW,
        valid_until=NOW + timedelta(days=1),
    )
    client = client_of_token(by.token)
    assert client is not None
    return {
        "Presence": signing.dumps([client.id, shown.id], salt="amends.entrances.portals.presence")
    }


def _alone(plum: Plum, placed: dict[str, str]) -> dict[str, tuple[Ask, Callable[[Any], bool]]]:
    """What a user does alone: the person shows a presence, and is of the brand or unknown."""

    def unknown(answer: Any) -> bool:
        return answer.status_code == 409

    def get(path: str) -> Ask:
        return lambda by: by.http.get(
            f"/api/v1/selfservice/{path}",
            headers=_presence(by, plum.person) | {"Authorization": f"Bearer {by.token}"},
        )

    def post(path: str, body: dict[str, str]) -> Ask:
        return lambda by: by.post(
            f"/selfservice/{path}", body, key=f"own-{path}", **_presence(by, plum.person)
        )

    keypad = {"number": PHONE, "keypad": keypad_digits(plum.code)}
    return {
        "ownUsage": (get("usage"), unknown),
        "ownServices": (get("services"), unknown),
        "ownOffers": (get("offers"), unknown),
        "ownReminders": (get("reminders"), unknown),
        "orderOffer": (post("orders", {"offer": "gift"}), unknown),
        "confirmOrder": (
            lambda by: by.post(
                f"/selfservice/orders/{placed[by.token]}/answer",
                {"digits": "000000"},
                **_presence(by, plum.person),
            ),
            unknown,
        ),
        "setReminder": (post("reminders", {"duty": "cn.own_cap", "wish": "50"}), unknown),
        "reportMessage": (post("reports", {"number": "10690001", "text": "spam"}), unknown),
        "stopService": (post("stops", {"service": plum.line}), unknown),
        "complaintByKeypad": (
            lambda by: by.post("/ivr/status", keypad),
            lambda answer: answer.status_code == 400,
        ),
    }


def _calls(plum: Plum, placed: dict[str, str]) -> dict[str, tuple[Ask, Callable[[Any], bool]]]:
    """Operation → how it is asked for plum's object, and whether an answer gives nothing of it."""
    there = {"presence": "signed_in", "reference": "s-1"}
    acting = {"by": "qiao.lin"}
    usage = {
        "record": "u-1",
        "service": plum.line,
        "at": NOW.isoformat(),
        "kind": "data",
        "amount": 1,
    }
    said = {"text": WORDS, "subscriber": plum.person, "signed_in": True}

    def refused(answer: Any) -> bool:
        return answer.status_code in {400, 404}

    def stored_apart(answer: Any) -> bool:
        found = answer.json()
        receipt = found[0] if isinstance(found, list) else found
        kept = Complaint.objects.get(code_public=receipt["tracking_code"])
        return kept.brand == "pear" and kept.subscriber == ""

    def event(ref: str) -> dict[str, Any]:
        return {
            "ref": ref,
            "kind": "top_up",
            "subscriber": plum.person,
            "service": plum.line,
            "happens_at": NOW.isoformat(),
            "figures": {"amount_mb": 5},
        }

    return _alone(plum, placed) | {
        "handOverComplaint": (lambda by: by.post("/complaints", said, key="c"), stored_apart),
        "handOverBatch": (lambda by: by.post("/complaints/batch", [said], key="b"), stored_apart),
        "complaintState": (lambda by: by.get(f"/complaints/{plum.code}"), refused),
        "handOverCopy": (
            lambda by: by.post("/publicity/copies", ADVERT, key="a"),
            lambda answer: (
                answer.json()["copy"] != plum.advert
                and PublishedCopy.objects.get(ref=plum.advert).state == "live"
            ),
        ),
        "takeRemedies": (
            lambda by: by.post("/remedies/exports", {}, key="x"),
            lambda answer: answer.json() == {"export": "", "remedies": []},
        ),
        "takeExportAgain": (lambda by: by.get(f"/remedies/exports/{plum.export}"), refused),
        "acknowledgeBookings": (
            lambda by: by.post(
                "/remedies/acknowledgements", [{"remedy": plum.remedy, "booking": "B1"}]
            ),
            refused,
        ),
        "handOverUsage": (
            lambda by: by.post("/usage", json.dumps(usage).encode(), key="u"),
            refused,
        ),
        "placeOrder": (
            lambda by: by.post(
                "/orders", {"order": "open", "phone": PHONE, "offer": "gift"}, key="o"
            ),
            refused,
        ),
        "orderState": (lambda by: by.get(f"/orders/{placed[by.token]}"), refused),
        "tellEvents": (lambda by: by.post("/events", [event("e-plum")], key="e"), refused),
        "withdrawEvent": (lambda by: by.post("/events/e-1/withdrawal", {}), refused),
        "keepChoice": (
            lambda by: by.post(
                "/choices", {"phone": PHONE, "duty": "cn.own_cap", "own": 5_000}, key="w"
            ),
            refused,
        ),
        "listHolds": (lambda by: by.get("/holds"), lambda answer: answer.json()["holds"] == []),
        "consentToHold": (lambda by: by.post(f"/holds/{plum.hold}/consent", there), refused),
        "withdrawFromHold": (lambda by: by.post(f"/holds/{plum.hold}/withdrawal", there), refused),
        "addNote": (
            lambda by: by.post(f"/complaints/{plum.code}/notes", acting | {"text": "x"}, key="n-1"),
            refused,
        ),
        "assignComplaint": (
            lambda by: by.post(f"/complaints/{plum.code}/assignment", acting),
            refused,
        ),
        "mergeComplaint": (
            lambda by: by.post(f"/complaints/{plum.code}/merge", acting | {"into": plum.code}),
            refused,
        ),
        "getWorkload": (
            lambda by: by.get("/workload"),
            lambda answer: answer.json()["queues"] == [],
        ),
        "listTeams": (lambda by: by.get("/teams"), lambda answer: answer.json()["teams"] == []),
        "listMeasures": (lambda by: by.get("/measures"), lambda answer: answer.json() == []),
        "decideDelivery": (
            lambda by: by.post(
                "/protection/decisions",
                {"key": "call-1", "thing": "call", "sender": "+447700900123", "to": PHONE},
            ),
            lambda answer: answer.json()["action"] == "pass",
        ),
        "listServices": (lambda by: by.get("/services"), lambda answer: answer.json() == []),
        "standings": (
            lambda by: by.post("/standings", {"services": [plum.line]}),
            lambda answer: (
                answer.json()
                == [
                    {
                        "service": plum.line,
                        "state": "unknown",
                        "may_charge": False,
                        "order": "",
                        "held": False,
                    }
                ]
            ),
        ),
    }
