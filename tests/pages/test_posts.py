"""Social media at the desk: from a public question to a private complaint, nothing repeated."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from amends.cases.complaints.actions.merge import merge_candidates
from amends.cases.complaints.models import Complaint, Contact
from amends.channels.models import OutboxMessage
from amends.channels.social.models import SocialAnswer, SocialPost
from amends.entrances.portals.jobs.receive_sent import receive_sent
from amends.platform.kit.actors import Actor
from amends.site.dispatch import dispatch
from tests.actions.channels.social import stored, use_gateway
from tests.pages.conftest import colleague, complaint_page, signed_in

pytestmark = pytest.mark.django_db
QUESTION = "充值100怎么只到账90？手机13812348000 <script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_gateway(tmp_path, monkeypatch)


@pytest.fixture
def post() -> SocialPost:
    now = timezone.now()
    return stored(text=QUESTION, posted_at=now - timedelta(minutes=5), now=now)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_queue_thread_and_filters(language: str, post: SocialPost) -> None:
    handler = signed_in(colleague("qiao.lin", "handler"), language)
    for address in ("", "?state=answered", "?text=到账&account=square", "?lookalikes=on"):
        page = handler.get(f"/desk/posts/{address}")
        assert page.status_code == 200
        assert "13812348000" not in page.content.decode()
    body = handler.get(f"/desk/posts/{post.pk}/").content.decode()
    assert "充值100" in body
    assert "13812348000" not in body
    assert "<script>alert" not in body
    assert handler.get("/desk/posts/?state=none").status_code == 404
    assert handler.get("/desk/posts/nothing/").status_code == 404


def test_public_question_private_link_complaint_with_the_thread(post: SocialPost) -> None:
    handler = signed_in(colleague("qiao.lin", "handler"))
    senior = signed_in(colleague("he.jing", "senior_handler"))
    page = f"/desk/posts/{post.pk}/"
    refused = handler.post(f"{page}answer/", {"text": "打13812348000", "audience": "public"})
    assert refused.status_code == 400
    assert "personal data" in refused.content.decode()
    text = {"text": "优惠分12个月到账，账单请私下发给我们：", "audience": "public", "invite": "on"}
    assert handler.post(f"{page}answer/", text).status_code == 302
    answer = SocialAnswer.objects.get()
    approve = f"{page}answers/{answer.pk}/approve/"
    assert handler.post(approve).status_code == 403, "not by who wrote it"
    code = f"/complain/?post={answer.invitation}"
    assert "充值100" not in Client().get(code).content.decode(), "not before it is approved"
    assert senior.post(approve).status_code == 302
    assert OutboxMessage.objects.get().state == "queued"

    person = Client(headers={"accept-language": "zh"})
    form = person.get(code).content.decode()
    assert "充值100怎么只到账90" in form, "the person repeats nothing"
    assert "13812348000" not in form
    said = {"text": "充值100怎么只到账90？每月都少", "wanted": ""}
    assert person.post(code, said).status_code == 302
    person.post("/complain/about/", {"about": "", "on_behalf": ""})
    person.post("/complain/reach/", {"phone": "13900001111"})
    assert person.post("/complain/check/", {"agree": "on", "confirmed": "on"}).status_code == 302
    assert receive_sent(now=timezone.now()) == 1
    complaint = Complaint.objects.get()
    post.refresh_from_db()
    assert (post.complaint, post.state) == (complaint.id, "complaint")
    shown = complaint_page(handler, complaint.id)
    assert "优惠分12个月到账" in shown, "the thread is on the page of the complaint"


def test_a_colleague_opens_the_complaint_and_another_thread_is_offered(post: SocialPost) -> None:
    handler = signed_in(colleague("qiao.lin", "handler"))
    page = f"/desk/posts/{post.pk}/"
    assert handler.post(f"{page}complaint/", {"phone": "13900001111"}).status_code == 302
    assert handler.post(f"{page}complaint/", {"phone": "13900001111"}).status_code == 302
    complaint = Complaint.objects.get()
    assert (complaint.channel, Contact.objects.count()) == ("social", 1)
    now = timezone.now()
    other = stored(id="p9", text="宽带三天没有网，没人修", posted_at=now, now=now)
    handler.post(f"/desk/posts/{other.pk}/complaint/", {"phone": "13900001111"})
    second = Complaint.objects.exclude(id=complaint.id).get()
    offered = merge_candidates(second.id, actor=Actor("user", "u", ("handler",)))
    assert [one.ref for one in offered] == [complaint.id], "one person on two channels"
    panel = handler.get(f"/desk/c/{second.id}/?tab=customer").content.decode()
    assert complaint.code_public in panel
    body = handler.get(f"/desk/posts/{other.pk}/").content.decode()
    assert complaint.code_public in body, "the same account led to two complaints"


def test_a_private_complaint_opens_with_its_deadline_and_a_question_waits() -> None:
    now = timezone.now()
    grievance = stored(
        id="m1", kind="private", text="每月扣我10块钱彩铃费，我从来没有订过彩铃，请退钱！", now=now
    )
    question = stored(id="m2", kind="private", author_id="43", text="你好", now=now)
    assert dispatch(now=now, holder="test") == 2
    complaint = Complaint.objects.get()
    assert complaint.next_due_at is not None
    grievance.refresh_from_db()
    question.refresh_from_db()
    assert (grievance.complaint, question.state) == (complaint.id, "open")
    told = SocialAnswer.objects.get()
    assert not told.is_public
    assert told.post_id == grievance.pk
    more = stored(id="m3", kind="private", text="还有上个月的也要退", now=now)
    dispatch(now=now, holder="test")
    more.refresh_from_db()
    assert more.complaint == complaint.id
    assert Contact.objects.filter(complaint=complaint).count() == 2


def test_brands_and_roles_are_kept_apart(post: SocialPost) -> None:
    SocialPost.objects.update(brand="plum")
    elsewhere = signed_in(colleague("wu.di", "handler", brand="pear"))
    assert post.text[:5] not in elsewhere.get("/desk/posts/").content.decode()
    for action in ("", "answer/", "close/", "complaint/"):
        address = f"/desk/posts/{post.pk}/{action}"
        answer = elsewhere.post(address, {}) if action else elsewhere.get(address)
        assert answer.status_code == 404
    privacy = signed_in(colleague("fang", "privacy_officer"))
    assert privacy.get("/desk/posts/").status_code == 403
