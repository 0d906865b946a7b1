"""Posts of social media out of a file; a post known by source and key already changes nothing.

A row names `source`, `key`, `posted_at` and `text`; `author`, `area` and `product` may follow.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, tzinfo
from pathlib import Path

from django.utils.translation import gettext as _

from amends.platform.kit.errors import BadInput
from amends.platform.kit.texts import clean
from amends.platform.tabular.report import FileReport, Progress, batches
from amends.platform.tabular.tables import Reject, read_table
from amends.platform.vault.redaction import redact_person
from amends.problems.hotissues.actions.import_posts import PublicPost, check_post, take_posts

BATCH = 2_000
NEEDED = ("source", "key", "posted_at", "text")
MORE = ("author", "area", "product")
_LONGEST = {"source": 40, "key": 120, "area": 40, "product": 64, "text": 20_000, "author": 200}


def import_posts(
    path: Path, *, rejects: Path, zone: tzinfo, now: datetime, progress: Progress
) -> FileReport:
    """Take in the posts of a file; bad rows are set aside with their reasons, the rest counts.

    zone  of times without one
    """
    table = read_table(path)
    if missing := [name for name in NEEDED if name not in table.header]:
        raise BadInput(
            _("The file has no column %(columns)s.") % {"columns": ", ".join(missing)},
            meaning=_("Nothing was imported."),
            next_step=_("Name the columns %(needed)s; %(more)s may follow.")
            % {"needed": ", ".join(NEEDED), "more": ", ".join(MORE)},
            where=f"{path.name}:1",
            code="posts_not_imported",
        )
    report, refused = FileReport(read=table.read), list(table.rejects)
    posts: list[PublicPost] = []
    for line, row in zip(table.lines, table.rows, strict=True):
        try:
            post = _post(dict(zip(table.header, row, strict=True)), zone)
            check_post(post, now=now)
        except BadInput as why:
            refused.append(Reject(line, why.in_words(_), tuple(row)))
        else:
            posts.append(post)
    for batch in batches(posts, BATCH):
        accepted, duplicates = take_posts(batch, now=now)
        report.accepted += accepted
        report.duplicates += duplicates
        progress(report.accepted + report.duplicates, len(posts))
    masks = {"text": redact_person, "author": lambda author: "…"}
    report.set_aside(table.header, refused, rejects, masks=masks)
    return report


def _post(cells: dict[str, str], zone: tzinfo) -> PublicPost:
    fields = {name: clean(cells.get(name, "")).strip() for name in (*NEEDED, *MORE)}
    for name, max_length in _LONGEST.items():
        if len(fields[name]) > max_length:
            raise BadInput(
                _("%(field)s has more than %(most)s characters")
                % {"field": name, "most": f"{max_length:,}"},
                next_step=_("Shorten it."),
                code="posts_not_imported",
            )
    try:
        posted_at = datetime.fromisoformat(fields.pop("posted_at"))
    except ValueError as error:
        raise BadInput(
            _("%(field)s is not a time") % {"field": "posted_at"},
            next_step=_("Write it like 2026-11-24T10:00:00+08:00."),
            code="posts_not_imported",
        ) from error
    post = PublicPost(posted_at=posted_at, **fields)
    return post if posted_at.tzinfo else replace(post, posted_at=posted_at.replace(tzinfo=zone))
