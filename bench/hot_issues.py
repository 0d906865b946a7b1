"""The first page of hot issues: `python bench/hot_issues.py [--complaints 1000000] [--issues 12]`.

Complaints of half a year are laid in SQLite, the cube is made from them, and issues are opened in
its places with their members and causes. Then the job that computes the overviews runs, and the
page is read as a manager who has signed in: as a table, as cards (each computes its own curve), and
the map below it. Times are those of the server (Django's test client in the same process), the
quickest, the median and the 95th percentile of 20. Prints one JSON document.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

import cube
from place import own_place

DAYS = 180
READS = 20
PAGES = {
    "table": "/desk/hotissues/",
    "cards": "/desk/hotissues/?view=cards",
    "surroundings": "/desk/hotissues/surroundings/",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--complaints", type=int, default=1_000_000)
    parser.add_argument("--issues", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    now = datetime.now(UTC).replace(microsecond=0)
    with own_place():
        from amends.problems.hotissues.actions.fill_cube import rebuild_cube
        from amends.problems.hotissues.actions.record_overviews import record_overviews

        cube.DAYS, cube.START = DAYS, now - timedelta(days=DAYS)
        cube.lay(wanted.complaints, wanted.seed)
        rebuild_cube()
        open_issues(wanted.issues, now)
        found: dict[str, Any] = {"complaints": wanted.complaints, "issues": wanted.issues}
        found["load"] = round(os.getloadavg()[0], 1)
        began = perf_counter()
        record_overviews(now=now)
        found["overviews_s"] = round(perf_counter() - began, 2)
        found |= {name: read(path) for name, path in PAGES.items()}
        print(json.dumps(found, indent=2))


def open_issues(number: int, now: datetime) -> None:
    """Issues that began a week ago in one class and area each, with all who complained there."""
    from amends.cases.complaints.models import Complaint
    from amends.problems.hotissues.models import HotIssue, Membership

    began = now - timedelta(days=7)
    for at in range(number):
        code, area = f"group{at % 10}.class{at % 22}", f"area-{at}"
        issue = HotIssue.objects.create(
            number=at + 1,
            started_at=began,
            detected_at=began,
            last_alarm_at=now,
            usual={"": 100.0, f"code={code}": 3.0},
            expected=3.0,
        )
        issue.cells.create(place=f"code={code}", main=True, added_at=began)
        issue.causes.create(
            rank=1, kind="degraded", reference=area, from_at=began, fit=0.8, numbers={"silent": 40}
        )
        rows = Complaint.objects.filter(code=code, received_at__gte=began)
        members = rows.values_list("id", "person")[:5_000]
        Membership.objects.bulk_create(
            Membership(
                issue=issue,
                complaint=ref,
                person=person,
                joined_at=now,
                joined_by="scan",
                joined_because="place",
            )
            for ref, person in members
        )
        issue.persons = issue.complaints = len(members)
        issue.save()


def read(path: str) -> dict[str, float]:
    """Milliseconds of one page."""
    from django.test import Client

    from amends.people.access.models import User

    user, _made = User.objects.get_or_create(username="lin", defaults={"roles": ["manager"]})
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    client.get(path)
    took = []
    for _read in range(READS):
        began = perf_counter()
        answer = client.get(path)
        took.append((perf_counter() - began) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")
    took.sort()
    return {
        "quickest_ms": round(took[0], 1),
        "median_ms": round(statistics.median(took), 1),
        "p95_ms": round(took[int(0.95 * READS) - 1], 1),
    }


if __name__ == "__main__":
    main()
