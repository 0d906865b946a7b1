"""Who loads the installation, for locust: integrators who hand over, and people who look.

Each acts twice a second on average, at moments of its own (a Poisson process), however fast it is
answered: half as many users as acts a second. Who falls behind acts at once until it has caught up.
Users who all began together and kept a fixed pace would come in a wave twice a second, which no
operator's users do.
"""

from __future__ import annotations

import json
import os
import random
import time
import uuid
from pathlib import Path
from typing import Any

from load import PHONES, WORDS
from locust import FastHttpUser, events, task

_TOLD: dict[str, Any] = json.loads(Path(os.environ["AMENDS_LOAD"]).read_text())
_CODES: list[str] = _TOLD["codes"]
_ACTS_A_SECOND = 2.0


@events.request.add_listener
def keep_failure(name: str, exception: Exception | None, response_time: float, **_: Any) -> None:
    """A request that failed, a line each: locust's own table counts them and does not say why."""
    if exception is not None:
        line = {"page": name, "why": repr(exception)[:300], "after_ms": round(response_time)}
        with Path(os.environ["AMENDS_LOAD_FAILURES"]).open("a") as kept:
            kept.write(json.dumps(line) + "\n")


def by_chance(user: FastHttpUser) -> float:
    """Seconds to the user's next act, which was set whatever became of the last."""
    now = time.monotonic()
    user.next_at = getattr(user, "next_at", now) + random.expovariate(_ACTS_A_SECOND)
    return max(user.next_at - now, 0.0)


class Person(FastHttpUser):
    """Somebody who acts at moments of their own."""

    abstract = True
    wait_time = by_chance

    def on_start(self) -> None:
        """Nobody acts in the moment the load begins only because it begins."""
        self.wait()


class Integrator(Person):
    """Hands over complaints as they come in, and asks now and then where one stands."""

    fixed_count = int(os.environ["AMENDS_LOAD_INTAKES"])

    @task
    def hand_over(self) -> None:
        """A complaint under a key of its own."""
        answer = self.client.post(
            "/api/v1/complaints",
            json={
                "text": random.choice(WORDS).format(n=random.randrange(1, 99)),
                "phone": random.choice(PHONES),
            },
            headers={
                "Authorization": f"Bearer {_TOLD['token']}",
                "Idempotency-Key": str(uuid.uuid4()),
            },
            name="intake",
        )
        if answer.status_code == 201 and random.random() < 0.02:
            _CODES[random.randrange(len(_CODES))] = answer.json()["tracking_code"]


class Visitor(Person):
    """Looks at the public site, follows complaints; some sit at the desk."""

    fixed_count = int(os.environ["AMENDS_LOAD_VIEWS"])

    def on_start(self) -> None:
        """A handler's session for the pages of the desk."""
        super().on_start()
        self.cookie = {"Cookie": f"sessionid={random.choice(_TOLD['sessions'])}"}

    @task(50)
    def follow(self) -> None:
        """Where a complaint stands, by its code."""
        self.client.get(f"/follow/{random.choice(_CODES)}/", name="followed complaint")

    @task(20)
    def home(self) -> None:
        """The public site."""
        self.client.get("/", name="public home")

    @task(10)
    def state(self) -> None:
        """The same by the interface."""
        self.client.get(
            f"/api/v1/complaints/{random.choice(_CODES)}",
            headers={"Authorization": f"Bearer {_TOLD['token']}"},
            name="state by interface",
        )

    @task(12)
    def inbox(self) -> None:
        """The desk's inbox, one of its tabs."""
        tab = random.choice(("", "?view=late", "?view=today", "?view=person"))
        self.client.get(f"/desk/{tab}", headers=self.cookie, name="inbox")

    @task(7)
    def complaint(self) -> None:
        """A complaint page: the look becomes a fact."""
        ref = random.choice(_TOLD["complaints"])
        self.client.get(f"/desk/c/{ref}/", headers=self.cookie, name="complaint page")

    @task(1)
    def indicators(self) -> None:
        """The complaint rate."""
        self.client.get("/desk/indicators/", headers=self.cookie, name="indicators")
