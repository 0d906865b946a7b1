"""Posts on social media: the queue, a thread, its answer, and the complaint opened from it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from amends.cases.complaints.actions.receive_post import receive_post
from amends.cases.complaints.queries.casefile import complaints_of
from amends.channels.actions.answer_post import (
    UnableToAnswerPost,
    UnableToFindPost,
    answer_post,
    approve_answer,
    close_post,
    find_post,
    reject_answer,
)
from amends.channels.queries.capabilities import sends
from amends.channels.queries.social import (
    PostFilter,
    PostKind,
    PostState,
    SocialAnswer,
    SocialPost,
    account_statuses,
    complaints_of_author,
    counts_by_state,
    most_characters,
    needs_second_person,
    other_complaints,
    posts,
    posts_of_complaint,
    posts_to_attach,
    thread_entries,
    thread_of,
)
from amends.people.access.queries import may
from amends.people.access.queries.colleagues import people
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusal_text, refusals_as_pages
from amends.work.knowledge.queries import ArticleAnswer, articles_answering


class PostFilterForm(forms.Form):
    """Filters of the list."""

    account = forms.ChoiceField(label=pgettext_lazy("social", "Account"), required=False)
    kind = forms.ChoiceField(label=pgettext_lazy("social", "Kind"), required=False)
    text = forms.CharField(label=gettext_lazy("Text"), required=False, max_length=80)
    lookalikes = forms.BooleanField(label=gettext_lazy("Names like ours only"), required=False)

    def __init__(self, data: Any, *, accounts: list[str]) -> None:
        super().__init__(data)
        every = [("", _("All"))]
        self.fields["account"].choices = [*every, *((account, account) for account in accounts)]
        self.fields["kind"].choices = [*every, *PostKind.choices]


class PostAnswerForm(forms.Form):
    """An answer; whether it is public depends on what the platform takes."""

    text = forms.CharField(
        label=pgettext_lazy("social", "Answer"),
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "true"}),
        error_messages={"required": gettext_lazy("Write the answer.")},
    )
    audience = forms.ChoiceField(
        label=gettext_lazy("Who reads it"),
        choices=[
            ("public", pgettext_lazy("social", "Everybody, below the post")),
            ("private", pgettext_lazy("social", "The author alone, as a private message")),
        ],
        widget=forms.RadioSelect,
    )
    invite = forms.BooleanField(
        label=gettext_lazy("Add a link: “write to us privately”"),
        help_text=gettext_lazy(
            "It opens the complaint form with this thread filled in. Nothing has to be repeated."
        ),
        required=False,
    )
    article = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)


class PostReasonForm(forms.Form):
    """Why an answer is sent back, or a post is closed."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        error_messages={"required": gettext_lazy("State the reason in a few words.")},
    )


class PostComplaintForm(forms.Form):
    """The complaint from a thread; a number lets its records be read once the person confirms."""

    phone = forms.CharField(
        label=gettext_lazy("Phone number the person gave in private (optional)"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )


@requires("social.read")
@refusals_as_pages
@require_safe
def post_queue(request: HttpRequest) -> HttpResponse:
    """Posts by state: those to answer first, the oldest on top."""
    brand = actor_of(request).brand
    statuses = account_statuses(now=timezone.now(), brand=brand)
    form = PostFilterForm(request.GET, accounts=[status.name for status in statuses])
    state = request.GET.get("state", PostState.OPEN.value)
    if state not in PostState.values or not form.is_valid():
        raise Http404
    wanted = PostFilter(state=state, brand=brand, **form.cleaned_data)
    post_page = posts(wanted, after=request.GET.get("after", ""))
    counts = counts_by_state(wanted)
    context = {
        "found": post_page,
        "form": form,
        "state": state,
        "states": [
            (post_state.value, post_state.label, counts[post_state.value])
            for post_state in PostState
        ],
        "accounts": statuses,
        "sends": sends("social"),
    }
    return render(request, "desk/posts.html", context)


@requires("social.read")
@refusals_as_pages
@require_safe
def post_page(request: HttpRequest, ref: str) -> HttpResponse:
    """A post with its thread."""
    post = _found(request, ref)
    return _post_page(request, post)


@requires("social.answer")
@refusals_as_pages
@require_POST
def answer_post_page(request: HttpRequest, ref: str) -> HttpResponse:
    """Answer a post, or propose the answer to a second person."""
    post, form = _found(request, ref), PostAnswerForm(request.POST)
    if not form.is_valid():
        return _post_page(request, post, answer=form, status=400)
    cleaned = form.cleaned_data
    try:
        social_answer = answer_post(
            ref,
            text=cleaned["text"],
            public=cleaned["audience"] == "public",
            invite=cleaned["invite"],
            article=cleaned["article"],
            actor=actor_of(request),
            now=timezone.now(),
        )
    except UnableToAnswerPost as refusal:
        form.add_error("text", str(refusal_text(refusal)))
        return _post_page(request, post, answer=form, status=400)
    if social_answer.state == SocialAnswer.State.PROPOSED:
        messages.success(request, _("The answer waits for a second person."))
    else:
        messages.success(request, _("The answer is on its way."))
    return redirect("social_post", ref)


@requires("social.approve")
@refusals_as_pages
@require_POST
def approve_answer_page(request: HttpRequest, ref: str, answer: str) -> HttpResponse:
    """Agree to a colleague's answer; it is posted."""
    post = _found(request, ref)
    _own_answer(post, answer)
    try:
        approve_answer(answer, actor=actor_of(request), now=timezone.now())
    except UnableToAnswerPost as refusal:
        messages.error(request, str(refusal_text(refusal)))
    else:
        messages.success(request, _("The answer is on its way."))
    return redirect("social_post", ref)


@requires("social.approve")
@refusals_as_pages
@require_POST
def reject_answer_page(request: HttpRequest, ref: str, answer: str) -> HttpResponse:
    """Send an answer back with a reason."""
    post, form = _found(request, ref), PostReasonForm(request.POST)
    _own_answer(post, answer)
    if not form.is_valid():
        return _post_page(request, post, reject=form, status=400)
    reject_answer(answer, **form.cleaned_data, actor=actor_of(request), now=timezone.now())
    messages.success(request, _("The answer is sent back."))
    return redirect("social_post", ref)


@requires("social.answer")
@refusals_as_pages
@require_POST
def close_post_page(request: HttpRequest, ref: str) -> HttpResponse:
    """Close a post without an answer."""
    post, form = _found(request, ref), PostReasonForm(request.POST)
    if not form.is_valid():
        return _post_page(request, post, close=form, status=400)
    close_post(ref, **form.cleaned_data, actor=actor_of(request))
    messages.success(request, _("The post is closed."))
    return redirect("social_posts")


@requires("social.answer")
@refusals_as_pages
@require_POST
def post_to_complaint(request: HttpRequest, ref: str) -> HttpResponse:
    """Open a complaint with the thread attached."""
    post, form = _found(request, ref), PostComplaintForm(request.POST)
    if not form.is_valid():
        return _post_page(request, post, complaint=form, status=400)
    receipt = receive_post(
        post, phone=form.cleaned_data["phone"], by=actor_of(request).ref, now=timezone.now()
    )
    message = (
        _("Opened as %(code)s with the thread attached.")
        if receipt.opened
        else _("Added to %(code)s, which is open.")
    )
    messages.success(request, message % {"code": receipt.tracking_code})
    if may(actor_of(request).roles, "complaints.read"):
        return redirect("complaint", receipt.complaint)
    return redirect("social_post", ref)


def panel(request: HttpRequest, complaint: str) -> str:
    """On the page of a complaint: the posts that led to it."""
    from django.template.loader import render_to_string

    rows = posts_of_complaint(complaint)
    if not rows or not may(actor_of(request).roles, "social.read"):
        return ""
    other_codes = _codes(request, other_complaints(complaint))
    context = {"thread": thread_entries(rows), "others": other_codes}
    return render_to_string("desk/posts_panel.html", context, request)


def _others(request: HttpRequest, post: SocialPost, complaint: str) -> list[tuple[str, str]]:
    """Other complaints from the same account: perhaps about the same thing."""
    return _codes(
        request,
        [
            author_complaint
            for author_complaint in complaints_of_author(post)
            if author_complaint != complaint
        ],
    )


def _codes(request: HttpRequest, refs: list[str]) -> list[tuple[str, str]]:
    """Id and tracking code of complaints this person may see."""
    complaint_rows = complaints_of([ref for ref in refs if ref], brand=actor_of(request).brand)
    return [(complaint_row.id, complaint_row.code_public) for complaint_row in complaint_rows]


def _found(request: HttpRequest, ref: str) -> SocialPost:
    try:
        return find_post(ref, brand=actor_of(request).brand)
    except UnableToFindPost:
        raise Http404 from None


def _own_answer(post: SocialPost, answer: str) -> None:
    if not post.answers.filter(pk=answer).exists():
        raise Http404


def _post_page(
    request: HttpRequest,
    post: SocialPost,
    *,
    answer: PostAnswerForm | None = None,
    reject: PostReasonForm | None = None,
    close: PostReasonForm | None = None,
    complaint: PostComplaintForm | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = actor_of(request)
    thread = thread_of(post)
    own = next(entry for entry in thread if entry.post.id == post.pk)
    waiting = next(
        (post_answer for post_answer in own.answers if post_answer.state == "proposed"), None
    )
    two_people = needs_second_person(post)
    may_answer = may(actor.roles, "social.answer") and two_people is not None
    audience = "private" if post.kind == PostKind.PRIVATE else "public"
    articles = _articles_for(post) if may_answer and waiting is None else []
    names = people(
        [who for thread_post in thread for each in thread_post.answers for who in _people_of(each)]
    )
    context = {
        "post": own.post,
        "thread": thread,
        "names": names,
        "waiting": waiting,
        "is_own": waiting is not None and waiting.proposed_by == actor.ref,
        "two_people": two_people,
        "most_characters": most_characters(post),
        "may_answer": may_answer and waiting is None and post.deleted_at is None,
        "may_close": may_answer and post.state == PostState.OPEN,
        "may_approve": waiting is not None and may(actor.roles, "social.approve"),
        "may_complain": may_answer and not post.complaint and bool(posts_to_attach(post)),
        "others": _others(request, post, post.complaint),
        "complaint": _codes(request, [post.complaint]),
        "articles": articles,
        "answer_form": answer or PostAnswerForm(initial=_first_answer(request, articles, audience)),
        "reject_form": reject or PostReasonForm(),
        "close_form": close or PostReasonForm(auto_id="close_%s"),
        "complaint_form": complaint or PostComplaintForm(),
    }
    return render(request, "desk/post.html", context, status=status)


def _articles_for(post: SocialPost) -> list[ArticleAnswer]:
    """Articles of the knowledge base that answer a post, filled with the figures of today."""
    language = "zh" if post.message.language.startswith("zh") else "en"
    return articles_answering(post.text, language, brand=post.brand)


def _first_answer(
    request: HttpRequest, articles: list[ArticleAnswer], audience: str
) -> dict[str, str]:
    """The first text of the form: that of the article chosen, for staff to shorten and check."""
    chosen = next(
        (article for article in articles if article.article == request.GET.get("article")), None
    )
    if chosen is None:
        return {"audience": audience}
    return {"audience": audience, "text": chosen.text, "article": chosen.article}


def _people_of(answer: Any) -> list[str]:
    return [person for person in (answer.proposed_by, answer.decided_by) if person]
