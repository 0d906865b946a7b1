"""A storm of mentions: all stored, none twice, and the desk still quick meanwhile.

    python bench/social_storm.py [--posts 10000] [--minutes 1] [--batch 20]

Starts `amends serve` on a new installation, delivers signed callbacks evenly over the time, each
post twice (platforms repeat what they believe lost), and opens the queue, a post and the inbox once
a second as a signed-in handler. Prints how many posts are stored, how many twice, and the 50th and
95th percentile of the pages in milliseconds.
"""

from __future__ import annotations

import argparse
import hmac
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, Queue

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TEXTS = (
    "@蓝天 充值100怎么只到账90？",
    "@蓝天 我的套餐被改了，谁改的",
    "@蓝天 校园网又断了，有人管吗",
    "@Lantian why was my top-up not credited",
)
PAGES = ("/desk/posts/", "/desk/posts/?text=%E5%85%85%E5%80%BC", "/desk/")


def main() -> None:
    """Run the storm and print the figures."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--posts", type=int, default=10_000)
    options.add_argument("--minutes", type=float, default=1.0)
    options.add_argument("--batch", type=int, default=20)
    options.add_argument("--port", type=int, default=18_437)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environment = _installation(Path(folder))
        server = subprocess.Popen(
            [_amends(), "serve", "--no-jobs", "--port", str(asked.port)],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _storm(asked, f"http://127.0.0.1:{asked.port}", environment)
        finally:
            server.terminate()
            server.wait(timeout=30)


def _amends() -> str:
    return str(Path(sys.executable).with_name("amends"))


def _installation(folder: Path) -> dict[str, str]:
    (folder / "secret").write_text(SECRET, encoding="utf-8")
    (folder / "social.toml").write_text(
        '[[accounts]]\nname = "storm"\nplatform = "webhook"\nsecret_file = "secret"\n',
        encoding="utf-8",
    )
    (folder / "data").mkdir()
    environment = {
        **os.environ,
        "AMENDS_DATA_DIR": str(folder / "data"),
        "AMENDS_SOCIAL_FILE": str(folder / "social.toml"),
        "AMENDS_REQUIRE_MFA": "no",
        "AMENDS_LOG_LEVEL": "ERROR",
    }
    script = (
        "import django; django.setup();"
        "from django.core.management import call_command; call_command('migrate', verbosity=0);"
        "from amends.people.access.actions.add_user import add_user;"
        "from django.test import Client; from django.contrib.sessions.models import Session;"
        "u = add_user('bench', password='storm of mentions 1', roles=['handler'], brand='');"
        "c = Client(); c.force_login(u); print('SESSION', c.cookies['sessionid'].value)"
    )
    environment["DJANGO_SETTINGS_MODULE"] = "amends.site.settings"
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True
    )
    if "SESSION " not in done.stdout:
        sys.exit(f"the installation was not made:\n{done.stderr[-2000:]}")
    environment["BENCH_SESSION"] = done.stdout.rsplit("SESSION ", 1)[1].split()[0]
    return environment


def _storm(asked: argparse.Namespace, url: str, environment: dict[str, str]) -> None:
    _wait_for(url)
    batches: Queue[tuple[float, int, list[int]]] = Queue()
    numbers = list(range(asked.posts))
    parts = [numbers[at : at + asked.batch] for at in range(0, asked.posts, asked.batch)]
    every_s = asked.minutes * 60 / len(parts)
    for place, part in enumerate(parts):
        batches.put((place * every_s, place, part))
        batches.put((place * every_s + every_s / 2, place, part))
    begun = time.monotonic()
    late: list[float] = []
    threads = [
        threading.Thread(target=_deliver, args=(url, batches, begun, late)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    times: dict[str, list[float]] = {page: [] for page in PAGES}
    while any(thread.is_alive() for thread in threads):
        for page in PAGES:
            times[page].append(_open(url + page, environment["BENCH_SESSION"]))
        time.sleep(1)
    took = time.monotonic() - begun
    count = _stored(environment)
    print(
        f"{asked.posts:,} posts, each delivered twice, in {took:.0f} s; load {os.getloadavg()[0]}"
    )
    print(f"stored {count[0]:,}, distinct {count[1]:,}; callbacks at most {max(late):.1f} s late")
    for page, found in times.items():
        ordered = sorted(found)
        p95 = ordered[min(int(len(ordered) * 0.95), len(ordered) - 1)]
        print(f"{page}: median {statistics.median(found):.0f} ms, p95 {p95:.0f} ms ({len(found)})")


def _deliver(url: str, batches: Queue, begun: float, late: list[float]) -> None:
    while True:
        try:
            due_s, place, part = batches.get_nowait()
        except Empty:
            return
        time.sleep(max(begun + due_s - time.monotonic(), 0))
        now = datetime.now(UTC)
        events = [
            {
                "type": "post.created",
                "post": {
                    "id": f"storm-{number}",
                    "author": {"id": str(number % 7_000), "name": f"user {number % 7_000}"},
                    "text": f"{TEXTS[number % len(TEXTS)]} {number}",
                    "posted_at": now.isoformat(),
                },
            }
            for number in part
        ]
        body = json.dumps({"events": events}).encode()
        at = str(int(now.timestamp()))
        request = urllib.request.Request(
            f"{url}/hooks/social/storm/",
            body,
            {
                "Content-Type": "application/json",
                "Webhook-Id": f"m{place}",
                "Webhook-Timestamp": at,
                "Webhook-Signature": _signature(f"m{place}", at, body),
            },
        )
        for _try in range(5):
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    answer.read()
                break
            except urllib.error.HTTPError as error:
                if error.code < 500:
                    raise
        late.append(time.monotonic() - begun - due_s)


def _signature(message_id: str, at: str, body: bytes) -> str:
    """As Standard Webhooks signs."""
    key = b64decode(SECRET.removeprefix("whsec_"))
    signed = f"{message_id}.{at}.".encode() + body
    return f"v1,{b64encode(hmac.digest(key, signed, 'sha256')).decode()}"


def _open(address: str, session: str) -> float:
    """Milliseconds of one page."""
    request = urllib.request.Request(address, headers={"Cookie": f"sessionid={session}"})
    begun = time.perf_counter()
    with urllib.request.urlopen(request, timeout=120) as answer:
        page = answer.read()
    took = (time.perf_counter() - begun) * 1000
    if b"sign-out" not in page:
        sys.exit(f"{address} is not the page of a signed-in handler")
    return took


def _wait_for(url: str) -> None:
    for _try in range(300):
        try:
            urllib.request.urlopen(f"{url}/", timeout=5).close()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    sys.exit("the server did not start")


def _stored(environment: dict[str, str]) -> tuple[int, int]:
    script = (
        "import django; django.setup();"
        "from amends.channels.models import InboundMessage as I, SocialPost as P;"
        "print('COUNT', P.objects.count(), I.objects.values('external_id').distinct().count())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    stored, distinct = done.stdout.rsplit("COUNT ", 1)[1].split()
    return int(stored), int(distinct)


if __name__ == "__main__":
    main()
