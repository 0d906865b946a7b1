"""Chapter of the demonstration: colleagues work together, and two complaints become one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from amends.cases.complaints.actions.merge import UnableToMerge, merge, merge_candidates
from amends.cases.complaints.actions.receive_post import receive_post
from amends.cases.complaints.queries.inbox import InboxFilter, page
from amends.channels.actions.answer_post import answer_post, approve_answer
from amends.channels.actions.invent_posts import posts_of_campaign, write_accounts
from amends.channels.queries.social import most_characters
from amends.platform.kit.actors import Actor
from amends.work.casework.actions.add_note import add_note
from amends.work.casework.actions.assign import assign_to_person, assign_to_team
from amends.work.casework.actions.escalate import escalate_case
from amends.work.casework.actions.follow_up import set_follow_up
from amends.work.casework.actions.teams import save_team
from amends.work.casework.actions.text_modules import save_text_module
from amends.work.knowledge.queries import answer, search

_TEXTS = (
    (
        "screenshot",
        "ask",
        (
            "请用户发截图",
            "请补充截图",
            "您好，我是{{ operator }}的{{ handler }}。为核实您反映的“{{ class }}”，请把相关短信或"
            "账单的截图发给我们，回复本消息即可。编号：{{ code }}。",
        ),
        (
            "Ask for a screenshot",
            "A screenshot, please",
            "Hello, this is {{ handler }} of {{ operator }}. To check what you reported, "
            "“{{ class }}”, please reply with a screenshot of the message or bill. Your reference: "
            "{{ code }}.",
        ),
    ),
    (
        "progress",
        "reply",
        (
            "告知进展",
            "您的投诉正在核实",
            "您好，您于{{ received_on }}反映的“{{ class }}”正在核实。编号：{{ code }}，进展见 "
            "{{ status_page }}。",
        ),
        (
            "Tell the progress",
            "We are checking your complaint",
            "Hello, we are checking what you reported on {{ received_on }}: “{{ class }}”. Your "
            "reference is {{ code }}; follow it at {{ status_page }}.",
        ),
    ),
)


def play(*, seed: int, now: datetime, staff: Mapping[str, Actor]) -> None:
    """Two teams, text modules, and work of colleagues on complaints that wait for a person."""
    handler, senior, manager = (staff[role] for role in ("handler", "senior_handler", "manager"))
    terms: dict[str, Any] = {"lead": senior.ref, "actor": manager}
    people = [handler.ref, senior.ref]
    save_team("billing", title="资费组", members=people, classes=["billing", "consent"], **terms)
    save_team("network", title="网络组", members=people, classes=["network"], **terms)
    for slug, mode, *both in _TEXTS:
        for language, (title, subject, text) in zip(("zh", "en"), both, strict=True):
            module_fields = {"title": title, "subject": subject, "text": text, "mode": mode}
            save_text_module(slug, language, actor=manager, now=now, **module_fields)
    waiting, every = (
        [row["id"] for row in page(InboxFilter(view=view), now=now).rows]
        for view in ("person", "open")
    )
    _work_together(list(dict.fromkeys([*waiting, *every])), handler, senior, now)
    _merge_one(every, handler, now)
    _answer_posts(seed, handler, senior, now)


def _work_together(refs: list[str], handler: Actor, senior: Actor, now: datetime) -> None:
    """Each of the first ones that wait for a person shows something else."""
    if len(refs) < 4:
        return
    own, queued, escalated, dated = refs[:4]
    assign_to_person("complaint", [own], handler.ref, actor=handler, now=now)
    add_note("complaint", own, text="用户说下午三点以后方便接电话。", actor=handler, now=now)
    assign_to_team("complaint", [queued], "billing", actor=senior, now=now)
    add_note(
        "complaint", queued, text="渠道的办理记录还没有到，请先不要答复。", actor=senior, now=now
    )
    escalate_case(
        "complaint",
        escalated,
        note="已经核对账单和办理记录，用户不接受解释，请协助与其沟通。",
        person=senior.ref,
        actor=handler,
        now=now,
    )
    set_follow_up(
        "complaint",
        dated,
        due_on=timezone.localdate(now) + timedelta(days=2),
        reason="催装维组回复上门时间",
        actor=handler,
        now=now,
    )


def _answer_posts(seed: int, handler: Actor, senior: Actor, now: datetime) -> None:
    """Posts: one is answered by two people, one waits, another leads to a complaint."""
    if not write_accounts():
        return
    demo = posts_of_campaign(seed=seed, now=now)
    terms: dict[str, Any] = {"public": True, "actor": handler, "now": now}
    articles = search(demo.answered.text, "zh", limit=1)
    if articles:
        article = articles[0].article
        text = answer(article, "zh", longest=most_characters(demo.answered))
        proposed_answer = answer_post(demo.answered.pk, text=text, article=article, **terms)
        approve_answer(proposed_answer.pk, actor=senior, now=now)
    answer_post(demo.proposed.pk, text="您好，详情请私下联系：", invite=True, **terms)
    receive_post(demo.complained, by=handler.ref, now=now)


def _merge_one(refs: list[str], handler: Actor, now: datetime) -> None:
    """The first two open complaints of one person that may be merged become one."""
    for ref in refs:
        for candidate in merge_candidates(ref, actor=handler):
            try:
                merge(candidate.ref, ref, reason="同一用户反映的同一件事", actor=handler, now=now)
            except UnableToMerge:
                continue
            return
