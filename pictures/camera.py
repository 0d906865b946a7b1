"""Photographs: the pages in both languages, wide and phone, light and dark, on sheets."""

from __future__ import annotations

import base64
import html
import os
from pathlib import Path
from typing import Any

from pictures.scene import Scene
from playwright.sync_api import sync_playwright

CHROMIUM = os.environ.get("AMENDS_CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
FORMATS = {"wide": (1440, 900), "phone": (390, 844)}
LANGUAGES = ("zh-hans", "en")
# Width of a picture on its sheet, and how many stand in a row.
SHEETS = {"wide": (400, 5), "phone": (180, 10)}


def pages(scene: Scene, language: str) -> list[tuple[str, str, bool]]:
    """The pages of the sheet: name, address, and whether one is signed in.

    Left out are the pages of one person's own (services, answers, letters behind a code sent to
    them), dialogs, the plain `/admin`, and the first-run page, which no demonstration shows.
    """
    waiting = f"/desk/c/{scene.waiting[language]}/"
    return [
        ("home", "/", False),
        ("complain", "/complain/", False),
        ("follow", "/follow/", False),
        ("status", f"/follow/{scene.tracking}/", False),
        ("identity", f"/follow/{scene.tracking}/identity/", False),
        ("my number", "/mine/", False),
        ("statements", "/statements/", False),
        ("tariffs", "/tariffs/", False),
        ("speed test", "/speed/", False),
        ("sign in", "/account/login/", False),
        ("not found", "/no/such/page/", False),
        ("my day", "/desk/day/", True),
        ("inbox", "/desk/", True),
        ("filtered", "/desk/?view=closed&verdict=upheld", True),
        ("nothing found", "/desk/?words=zebra", True),
        ("escalated", "/desk/?view=escalated", True),
        ("refusal", "/desk/?view=none", True),
        ("complaint", waiting, True),
        ("left to a person", f"/desk/c/{scene.unsure}/", True),
        ("answered", f"/desk/c/{scene.answered}/", True),
        ("letter", f"/desk/c/{scene.answered}/letter/{scene.letter}/", True),
        ("call", "/desk/call/", True),
        ("remedies", "/desk/remedies/?state=acknowledged", True),
        ("rules", "/desk/rules/", True),
        ("rule file", "/desk/rules/complaints/deadlines-cn@2016-07-30/", True),
        ("corrections", "/desk/corrections/", True),
        ("ledger", "/desk/ledger/", True),
        ("hot issues", "/desk/hotissues/", True),
        ("hot issue", f"/desk/hotissues/{scene.issue}/", True),
        ("emergencies", "/desk/hotissues/emergencies/", True),
        ("emergency", f"/desk/hotissues/{scene.issue}/emergency/", True),
        ("measures", "/desk/measures/", True),
        ("measure", f"/desk/measures/{scene.measure}/", True),
        ("indicators", "/desk/indicators/?by=area", True),
        ("bulletin", "/desk/indicators/bulletin/?version=public", True),
        ("coverage", "/desk/coverage/", True),
        ("examination", "/desk/examination/", True),
        ("duties", "/desk/notices/", True),
        ("usage files", "/desk/notices/usage/", True),
        ("confirmations", "/desk/confirmations/", True),
        ("audits", "/desk/confirmations/audits/", True),
        ("launches", "/desk/launches/", True),
        ("publicity", "/desk/publicity/", True),
        ("offers and channels", "/desk/publicity/matrix/", True),
        ("speed tests", "/desk/speed-tests/", True),
        ("privacy board", "/desk/privacy/board/", True),
        ("privacy reviews", "/desk/privacy/", True),
        ("operation", "/desk/operation/", True),
        ("looks", "/desk/looks/", True),
        ("break the glass", "/desk/emergency/", True),
        ("second step", "/account/2fa/", True),
    ]


class Camera:
    """One browser, opened anew for each language, format and scheme."""

    def __init__(self, browser: Any, base: str, scene: Scene) -> None:
        self.browser, self.base, self.scene = browser, base, scene
        self.state = self._sign_in()

    def _sign_in(self) -> Any:
        context = self.browser.new_context()
        page = context.new_page()
        page.goto(f"{self.base}/account/login/?next=/desk/day/")
        page.fill("#id_login", self.scene.username)
        page.fill("#id_password", self.scene.password)
        with page.expect_navigation():
            page.click("button.main")
        if not page.url.endswith("/desk/day/") or "?" in page.url:
            raise SystemExit(f"Nobody could sign in; {page.url} answered.")
        state = context.storage_state()
        context.close()
        return state

    def window(self, language: str, kind: str, *, dark: bool, known: bool) -> Any:
        """A page in a window of its own."""
        width, height = FORMATS[kind]
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            storage_state=self.state if known else None,
        )
        cookie = {"name": "amends_language", "value": language, "url": self.base}
        context.add_cookies([cookie])
        return context.new_page()

    def shots(self, kind: str, *, dark: bool) -> list[tuple[str, bytes]]:
        """The pages in both languages."""
        taken = []
        for language in LANGUAGES:
            windows = {
                known: self.window(language, kind, dark=dark, known=known)
                for known in (False, True)
            }
            for name, address, known in pages(self.scene, language):
                page = windows[known]
                page.goto(f"{self.base}{address}")
                taken.append((name, page.screenshot(type="jpeg", quality=80)))
            for page in windows.values():
                page.context.close()
        return taken


def photograph(base: str, scene: Scene, out: Path) -> None:
    """Take everything and write the sheets and the pictures of the documents."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        camera = Camera(browser, base, scene)
        for kind in FORMATS:
            for dark in (False, True):
                name = f"sheet-{kind}-{'dark' if dark else 'light'}.jpg"
                shots = camera.shots(kind, dark=dark)
                (out / name).write_bytes(_sheet(browser, shots, kind, dark=dark))
        _documents(camera, out)
        browser.close()


def _documents(camera: Camera, out: Path) -> None:
    """The pictures of the README's tour and of the guides."""
    for name, (language, address, links, dark) in documents(camera.scene).items():
        page = camera.window(language, "wide", dark=dark, known=True)
        page.goto(f"{camera.base}{address}")
        for each in links:
            page.goto(f"{camera.base}{page.locator(each).first.get_attribute('href')}")
        page.screenshot(path=out / name, type="jpeg", quality=75)
        page.context.close()


def documents(scene: Scene) -> dict[str, tuple[str, str, list[str], bool]]:
    """File name → language, address, links to follow from there, whether dark."""
    area = "main a[href*='/network/areas/']"
    return {
        "complaint.jpg": ("en", f"/desk/c/{scene.waiting['en']}/", [], False),
        "complaint-zh.jpg": ("zh-hans", f"/desk/c/{scene.waiting['zh-hans']}/", [], False),
        "inbox.jpg": ("en", "/desk/", [], False),
        "follow.jpg": ("en", f"/follow/{scene.tracking}/", [], False),
        "hot-issue.jpg": ("en", f"/desk/hotissues/{scene.issue}/", [], False),
        "measure.jpg": ("en", f"/desk/measures/{scene.measure}/", [], False),
        "why-red.jpg": ("en", "/desk/network/", [area, "main a[href*='/why/']"], False),
        "notices.jpg": ("en", "/desk/coverage/", [], False),
        "launch.jpg": ("en", "/desk/launches/", ["main table a"], False),
        "advert.jpg": ("en", "/desk/publicity/", ["main table a"], False),
        "speed-test.jpg": ("zh-hans", "/desk/speed-tests/", [], False),
        "indicators.jpg": ("zh-hans", "/desk/indicators/?by=area", [], True),
    }


def _sheet(browser: Any, shots: list[tuple[str, bytes]], kind: str, *, dark: bool) -> bytes:
    """Pictures with their names in rows, as one JPEG."""
    width, across = SHEETS[kind]
    ink, ground = ("#e7eded", "#0b1012") if dark else ("#16201f", "#dce3e2")
    figures = "".join(
        f'<figure><img src="data:image/jpeg;base64,{base64.b64encode(shot).decode()}">'
        f"<figcaption>{html.escape(name)}</figcaption></figure>"
        for name, shot in shots
    )
    style = (
        f"body{{margin:16px;background:{ground};color:{ink};font:12px sans-serif;display:grid;"
        f"grid-template-columns:repeat({across},{width}px);gap:14px}}figure{{margin:0}}"
        f"img{{width:{width}px;display:block;border-radius:4px}}figcaption{{padding:3px 0}}"
    )
    total = 32 + across * width + (across - 1) * 14
    page = browser.new_page(viewport={"width": total, "height": 800})
    page.set_content(f"<!doctype html><style>{style}</style>{figures}")
    page.wait_for_function("[...document.images].every(image => image.complete)")
    sheet = page.screenshot(type="jpeg", quality=72, full_page=True)
    page.close()
    return bytes(sheet)
