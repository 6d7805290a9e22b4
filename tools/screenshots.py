"""Pictures of a rehearsal: every page for those who work on them, and the few that the documentation shows.

python tools/screenshots.py              every page, in both languages, in screenshots/
python tools/screenshots.py --docs       the pictures of the documentation, in docs/images/
python tools/screenshots.py --desk URL --tour URL    of a rehearsal that already runs
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from rempart.desk.rehearsal.people import PASSWORD, PLAYERS
from rempart.desk.rehearsal.pictures import new_picture
from rempart.desk.rehearsal.protected import MATCHED, RENEWAL, code_of
from tests.ports import free_port

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-sync"
PATIENCE = 600.0
HEAVIEST = 200_000
PHONE, DESK = (360, 740), (1280, 860)

PUBLIC = ("", "report/", "help/", "image/", "pictures/", "case/", "about/", "accessibility/")
CONSOLE = (
    "",
    "queue/",
    "protections/",
    "duties/",
    "notices/",
    "directory/",
    "figures/",
    "yearly-report/",
    "journal/",
    "people/",
    "account/",
)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Where a running rehearsal answers."""

    desk: str
    tour: str


def main(words: list[str]) -> int:
    asked = read(words)
    with rehearsal(asked) as found, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        try:
            return for_docs(browser, found) if asked.docs else every_page(browser, found)
        finally:
            browser.close()


def read(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Pictures of a rehearsal.")
    parser.add_argument("--docs", action="store_true", help="only the pictures of the documentation, in docs/images/")
    parser.add_argument("--desk", default="", metavar="URL", help="a rehearsal that already runs")
    parser.add_argument("--tour", default="", metavar="URL", help="its guided tour")
    return parser.parse_args(words)


@contextmanager
def rehearsal(asked: argparse.Namespace) -> Iterator[Rehearsal]:
    """The rehearsal named, or a fresh one in a folder of its own, stopped at the end."""
    if asked.desk:
        yield Rehearsal(asked.desk.rstrip("/"), asked.tour.rstrip("/"))
        return
    desk, tour, mail, matcher = (free_port() for _ in range(4))
    found = Rehearsal(f"http://127.0.0.1:{desk}", f"http://127.0.0.1:{tour}")
    with tempfile.TemporaryDirectory(prefix="rempart-pictures-") as folder:
        settings = {
            "REMPART_LISTEN": f"127.0.0.1:{desk}",
            "REMPART_PUBLIC_URL": found.desk,
            "REMPART_REHEARSAL_PORT": str(tour),
            "REMPART_SMTP_PORT": str(mail),
            "REMPART_REHEARSAL_MATCHER_PORT": str(matcher),
        }
        command = [str(Path(sys.executable).with_name("rempart")), "desk", "run", "--rehearsal"]
        running = subprocess.Popen([*command, "--settings", f"{folder}/rempart.toml"], env={**os.environ, **settings}, cwd=folder)
        try:
            wait_for(found.desk, running)
            yield found
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(timeout=60)


def wait_for(address: str, running: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if running.poll() is not None:
            raise SystemExit("The rehearsal stopped before it was ready.")
        try:
            urllib.request.urlopen(f"{address}/en/", timeout=5).close()
            return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("The rehearsal was not ready in time.")


def visitor(browser: Browser, language: str, size: tuple[int, int], scale: float = 1) -> BrowserContext:
    locale = {"fr": "fr-FR", "en": "en-GB"}[language]
    viewport = {"width": size[0], "height": size[1]}
    return browser.new_context(locale=locale, viewport=viewport, device_scale_factor=scale, reduced_motion="reduce")  # type: ignore[arg-type]


def sign_in(page: Page, found: Rehearsal, name: str, language: str) -> None:
    """Through the pages, waiting for a fresh code: each is good once."""
    player = next(one for one in PLAYERS if one.sign_in_name == name)
    for _ in range(3):
        page.goto(f"{found.desk}/console/sign-in/")
        page.fill("[name=sign_in_name]", name)
        page.fill("[name=password]", PASSWORD)
        page.click("main form button.button")
        page.fill("[name=code]", player.code_at(now()))
        page.click("main form button.button")
        if "sign-in" not in page.url:
            speak(page, found, language)
            return
        time.sleep(31 - time.time() % 30)
    raise SystemExit(f"{name} could not sign in")


def now():  # type: ignore[no-untyped-def]
    from datetime import UTC, datetime

    return datetime.now(UTC)


def speak(page: Page, found: Rehearsal, language: str) -> None:
    """The console speaks the language of the account."""
    page.goto(f"{found.desk}/console/account/")
    if page.locator("html").get_attribute("lang") != language:
        page.select_option("[name=language]", language) if page.locator("select[name=language]").count() else page.check(
            f"[name=language][value={language}]"
        )
        page.locator("form[action$='/account/language/'] button").click()


def every_page(browser: Browser, found: Rehearsal) -> int:
    folder = ROOT / "screenshots"
    for language in ("fr", "en"):
        strangers = visitor(browser, language, PHONE).new_page()
        for path in PUBLIC:
            keep(strangers, f"{found.desk}/{language}/{path}", folder / language / f"public-{name_of(path)}.png")
        staff = visitor(browser, language, DESK).new_page()
        sign_in(staff, found, "salome", language)
        for path in CONSOLE:
            keep(staff, f"{found.desk}/console/{path}", folder / language / f"console-{name_of(path)}.png")
        for size, name in ((PHONE, "phone"), (DESK, "desk")):
            protecting(browser, found, language, size, folder / language / f"protecting-{name}")
        one_protection(staff, found, folder / language)
    print(f"Pictures in {folder}")
    return 0


def protecting(browser: Browser, found: Rehearsal, language: str, size: tuple[int, int], folder: Path) -> None:
    """Everything somebody sees who protects a picture, and the pages of the two invented persons of the tour."""
    page = visitor(browser, language, size).new_page()
    keep(page, f"{found.tour}/{language}/protect/", folder / "0-tour.png")
    page.goto(f"{found.desk}/{language}/image/")
    page.screenshot(path=folder / "1-door.png", full_page=True)
    choose(page, new_picture().content)
    page.screenshot(path=folder / "2-choose.png", full_page=True)
    press(page, "#go")
    page.screenshot(path=folder / "3-done.png", full_page=True)
    code = "".join(page.locator(".code").first.inner_text().split())
    for name, one in (("4-case", code), ("5-matched", code_of(MATCHED)), ("6-renewal", code_of(RENEWAL))):
        open_case(page, found, language, one)
        page.screenshot(path=folder / f"{name}.png", full_page=True)
    open_case(page, found, language, code)
    page.locator("#stop summary").click()
    press(page, 'button[name=action][value="withdraw"]')
    page.screenshot(path=folder / "7-withdraw.png", full_page=True)
    press(page, 'button[name=action][value="withdraw-confirm"]')
    page.screenshot(path=folder / "8-withdrawn.png", full_page=True)


def choose(page: Page, picture: bytes) -> None:
    """From the door to a page where one picture is ready."""
    page.check("input[name=helper][value=nobody]")
    page.check("input[name=age][value='16_17']")
    press(page, "#door button[value=begin]")
    chosen = {"name": "drawing.png", "mimeType": "image/png", "buffer": picture}
    page.frame_locator("#hasher").locator("#choose").set_input_files(chosen)  # type: ignore[arg-type]
    page.locator("#go:enabled").wait_for(timeout=60_000)


def open_case(page: Page, found: Rehearsal, language: str, code: str) -> None:
    page.goto(f"{found.desk}/{language}/case/")
    page.fill("[name=code]", code)
    press(page, 'button[name=action][value="open"]')


def press(page: Page, selector: str) -> None:
    """Press a button, and be on the page it leads to."""
    with page.expect_navigation():
        page.click(selector)


def one_protection(page: Page, found: Rehearsal, folder: Path) -> None:
    """The first of those that need a person."""
    page.goto(f"{found.desk}/console/protections/")
    page.locator("main a.signs").first.click()
    page.screenshot(path=folder / "console-protection.png", full_page=True)


def name_of(path: str) -> str:
    return path.strip("/").replace("/", "-") or "home"


def keep(page: Page, address: str, where: Path) -> None:
    answer = page.goto(address)
    if answer is not None and answer.status == 200:
        where.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=where, full_page=True)


# The documentation --------------------------------------------------------------------------------


def for_docs(browser: Browser, found: Rehearsal) -> int:
    for language in ("fr", "en"):
        with tempfile.TemporaryDirectory() as folder:
            parts = Path(folder)
            take_parts(browser, found, language, parts)
            put_together(browser, parts, PAGE, ROOT / "docs" / "images" / f"desk-{language}.png")
            take_protecting(browser, found, language, parts)
            put_together(browser, parts, PHONES, ROOT / "docs" / "images" / f"protect-{language}.png")
    heavy = [path for path in (ROOT / "docs" / "images").glob("*.png") if path.stat().st_size > HEAVIEST]
    for path in heavy:
        print(f"{path.name} weighs {path.stat().st_size // 1000} kB, {HEAVIEST // 1000} at most")
    return 1 if heavy else 0


def take_parts(browser: Browser, found: Rehearsal, language: str, folder: Path) -> None:
    """The public door on a telephone, an item on the analyst's screen."""
    phone = visitor(browser, language, (400, 820)).new_page()
    phone.goto(f"{found.desk}/{language}/")
    phone.screenshot(path=folder / "door.png")
    staff = visitor(browser, language, (1180, 822)).new_page()
    sign_in(staff, found, "ines", language)
    staff.goto(f"{found.desk}/console/queue/")
    staff.locator("table.queue a").first.click()
    if staff.locator("main [data-act=take]").count():
        staff.locator("main [data-act=take]").click()
    staff.locator("input[name=verdict]").first.check()
    staff.evaluate("scrollTo(0, 0)")
    staff.screenshot(path=folder / "item.png")
    staff.locator("[data-act=release]").click()


def take_protecting(browser: Browser, found: Rehearsal, language: str, folder: Path) -> None:
    """Three telephones: the door, a picture that is ready, a case whose picture was met."""
    phone = visitor(browser, language, (440, 880)).new_page()
    phone.goto(f"{found.desk}/{language}/image/")
    shoot_main(phone, folder / "one.png")
    choose(phone, new_picture().content)
    shoot_main(phone, folder / "two.png")
    open_case(phone, found, language, code_of(MATCHED))
    shoot_main(phone, folder / "three.png")


def shoot_main(page: Page, where: Path) -> None:
    """What a telephone shows once the banner of the rehearsal is scrolled away."""
    page.evaluate("document.querySelector('aside.rehearsal').remove(); scrollTo(0, 0)")
    page.screenshot(path=where)


PHONES = """<!doctype html><meta charset=utf-8><style>
body{margin:0;width:1200px;height:780px;background:#e9e4d8;display:flex;justify-content:space-evenly;align-items:center}
img{width:368px;border-radius:18px;border:1px solid #c3bba8}
</style><img src=one.png><img src=two.png><img src=three.png>"""
PAGE = """<!doctype html><meta charset=utf-8><style>
body{margin:0;width:1200px;height:600px;background:#e9e4d8;position:relative;overflow:hidden}
img{position:absolute;border-radius:10px;border:1px solid #c3bba8}
#item{left:336px;top:28px;width:836px}#door{left:28px;top:28px;width:284px;border-radius:18px}
</style><img id=item src=item.png><img id=door src=door.png>"""


def put_together(browser: Browser, parts: Path, html: str, where: Path) -> None:
    (parts / "page.html").write_text(html, encoding="utf-8")
    page = browser.new_page(viewport={"width": 1200, "height": 780 if html is PHONES else 600})
    page.goto((parts / "page.html").as_uri())
    page.screenshot(path=where)
    page.close()
    # 256 colours: nobody sees the difference, and the file weighs a third.
    Image.open(where).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(where, optimize=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
