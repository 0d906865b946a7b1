"""Indicators of a period by channel and of participation, each with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings

from amends.cases.complaints.queries.analytics import (
    contacts_by,
    first_answers_by_channel,
    satisfaction_by_channel,
)
from amends.channels.queries.capabilities import channel_titles, electronic
from amends.channels.queries.conversations import conversation_figures
from amends.channels.queries.social import post_figures
from amends.engines.stats.rates import Share, share
from amends.problems.indicators.queries.columns import at
from amends.problems.indicators.rules.channel_figures import Median, median
from amends.work.knowledge.queries.participation import participation

SOCIAL = "social"


@dataclass(frozen=True, slots=True)
class ChannelFigures:
    """One channel in a period; times in seconds, None where nothing was counted.

    contacts  contacts and, of the chat, conversations that became none; of social media, posts
              that were answered
    """

    channel: str
    electronic: bool
    contacts: int
    first_answer: Median | None
    transferred: Share | None
    solved_alone: Share | None
    satisfied: Share | None


@dataclass(frozen=True, slots=True)
class ParticipationIndicators:
    """Public questions and suggestions of a period; None where there was none."""

    answered: Share | None
    first_answer: Median | None
    decided: Share | None


@dataclass(frozen=True, slots=True)
class ChannelsDocument:
    """The channels of `[since, until]`, both days included, the share of electronic ones, and how
    users took part in public."""

    since: date
    until: date
    channels: list[ChannelFigures]
    electronic: Share | None
    participation: ParticipationIndicators


def channel_figures(since: date, until: date, *, brand: str = "") -> ChannelsDocument:
    """Figures of each channel by which something arrived from `since` to `until`."""
    moment = at(settings.TIME_ZONE)
    start, end = moment(since), moment(until + timedelta(days=1))
    contacts = {
        channel: sum(kinds.values())
        for channel, kinds in contacts_by("channel", start=start, end=end, brand=brand).items()
    }
    answers = first_answers_by_channel(start=start, end=end, brand=brand)
    rated = satisfaction_by_channel(start=start, end=end, brand=brand)
    conversations = conversation_figures(start=start, end=end, brand=brand)
    for channel, began in conversations.items():
        if began.conversations:
            contacts[channel] = contacts.get(channel, 0) + began.conversations - began.transferred
    posted = post_figures(start=start, end=end, brand=brand)
    if posted.answered:
        contacts[SOCIAL] = contacts.get(SOCIAL, 0) + posted.answered
    more_answers = {SOCIAL: posted.first_answer_s}
    transferred = {
        SOCIAL: share(posted.transferred, posted.answered + posted.transferred),
    }
    rows = []
    listed = list(channel_titles())
    for channel in sorted(contacts, key=lambda name: listed.index(name) if name in listed else 99):
        content, rated_contacts = rated.get(channel, (0, 0))
        first_answers = [*answers.get(channel, ()), *more_answers.get(channel, ())]
        solved_alone = None
        if talks := conversations.get(channel):
            content, rated_contacts = content + talks.content, rated_contacts + talks.rated
            first_answers = list(talks.first_answer_s)
            transferred[channel] = share(talks.transferred, talks.ended)
            solved_alone = share(talks.solved_alone, talks.ended)
        rows.append(
            ChannelFigures(
                channel=channel,
                electronic=channel in electronic(),
                contacts=contacts[channel],
                first_answer=median(first_answers),
                transferred=transferred.get(channel),
                solved_alone=solved_alone,
                satisfied=share(content, rated_contacts),
            )
        )
    by_electronic = sum(row.contacts for row in rows if row.electronic)
    total = sum(row.contacts for row in rows if row.channel != "import")
    took_part = participation(start, end, brand=brand)
    return ChannelsDocument(
        since=since,
        until=until,
        channels=rows,
        electronic=share(by_electronic, total),
        participation=ParticipationIndicators(
            answered=share(took_part.answered, took_part.questions),
            first_answer=median(took_part.first_answer_s),
            decided=share(took_part.decided, took_part.ideas),
        ),
    )
