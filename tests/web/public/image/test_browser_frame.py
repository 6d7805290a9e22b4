"""The frame as people use it: many files, broken ones, a browser that lies about pixels, no network, the keyboard."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Frame, Page, Route, expect

from rempart.desk.rules.protection import read_files
from rempart.desk.web.public import hasher
from rempart.engine.pdq import pdq
from rempart.engine.picture import open_picture
from rempart.engine.video import fingerprint_video
from tests.web.public.browser import HEIGHTS, SMALL
from tests.web.public.image.firefox import firefox
from tests.web.public.image.known import jpeg
from tests.web.public.image.site import WORDS, Site, site
from tests.web.public.image.test_browser_pdq import waves

pytestmark = pytest.mark.browser

RANDOM_CANVAS = """
OffscreenCanvasRenderingContext2D.prototype.getImageData = function (left, top, width, height) {
  const made = new ImageData(width, height);
  for (let at = 0; at < made.data.length; at++) made.data[at] = at % 4 === 3 ? 255 : Math.random() * 256;
  return made;
};
"""
NOISY_CANVAS = """
const truthful = OffscreenCanvasRenderingContext2D.prototype.getImageData;
OffscreenCanvasRenderingContext2D.prototype.getImageData = function (...place) {
  const made = truthful.apply(this, place);
  for (let at = 0; at < made.data.length; at += 4 * 97) made.data[at] ^= 1;
  return made;
};
"""
NO_OTHER_WAY = "delete globalThis.VideoFrame;\n"
SECONDS = 60_000  # milliseconds: a busy machine


def picture(path: Path, number: int, size: tuple[int, int] = (300, 400)) -> Path:
    Image.fromarray(waves(number, *size)).save(path)
    return path


def hooked(before: str) -> hasher.Frame:
    """A frame whose browser behaves otherwise: this runs first, in the frame and in its worker."""
    text = hasher.script().replace('"use strict";\n', f'"use strict";\n{before}', 1)
    return hasher.sealed(text, WORDS, language="en")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": SMALL, "height": HEIGHTS[SMALL]})
    yield context.new_page()
    context.close()


def visited(page: Page, served: Site) -> Frame:
    page.goto(served.origin + "/")
    inner = page.frame_locator("#hasher").locator("#choose").element_handle().owner_frame()
    assert inner
    return inner


def sent(page: Page) -> list[dict[str, object]]:
    files = json.loads(page.input_value("#sent"))["files"]
    assert isinstance(files, list)
    return files


def test_twenty_files_one_after_the_other(page: Page, tmp_path: Path) -> None:
    paths = [picture(tmp_path / f"secret-name-{number}.jpg", number) for number in range(20)]
    with site() as served:
        inner = visited(page, served)
        expect(page.locator("#go")).to_be_disabled()
        inner.set_input_files("#choose", paths)
        expect(inner.locator("#said")).to_have_text("20 ready", timeout=SECONDS)
        expect(page.locator("#go")).to_be_enabled()
        text = page.input_value("#sent")
        assert served.asked == []
        assert "secret" not in inner.content()
    files = read_files(text)
    assert [file.sha256.value.hex() for file in files] == [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
    for file, path in zip(files, paths, strict=True):
        assert file.pdqs[0].pdq == pdq(open_picture(path).pixels).pdq


def test_what_cannot_be_read_is_said_and_the_rest_goes_on(page: Page, tmp_path: Path) -> None:
    good = picture(tmp_path / "good.png", 1)
    broken, empty, clear = tmp_path / "broken.jpg", tmp_path / "empty.png", tmp_path / "clear.png"
    broken.write_bytes(jpeg()[:60] + b"nonsense" * 50)
    empty.write_bytes(b"")
    Image.fromarray(np.dstack([waves(2, 60, 60), np.full((60, 60), 90, np.uint8)])).save(clear)
    Image.fromarray(waves(3, 80, 80)).convert("CMYK").save(tmp_path / "printed.jpg")
    bomb = tmp_path / "bomb.png"
    bomb.write_bytes(good.read_bytes()[:16] + (20_000).to_bytes(4) + (20_000).to_bytes(4) + good.read_bytes()[24:])
    again = tmp_path / "again.png"
    again.write_bytes(good.read_bytes())
    with site() as served:
        inner = visited(page, served)
        inner.set_input_files("#choose", [broken, empty, good, clear, tmp_path / "printed.jpg", bomb, again])
        expect(inner.locator("#said")).to_have_text("1 ready", timeout=SECONDS)
        said = inner.locator(".status").all_inner_texts()
    unreadable = "failed_unreadable"
    assert [unreadable, unreadable, "5 codes", "failed_transparent", "failed_colours", "failed_too_large", "failed_same"] == said
    assert len(sent(page)) == 1


def test_what_was_chosen_before_the_script_ran_is_taken(page: Page, tmp_path: Path) -> None:
    bytes_of_it = list(picture(tmp_path / "early.png", 1).read_bytes())
    early = (
        "const early = new DataTransfer();\n"
        f"early.items.add(new File([new Uint8Array({bytes_of_it})], 'early.png', {{ type: 'image/png' }}));\n"
        "if (typeof document !== 'undefined') document.getElementById('choose').files = early.files;\n"
    )
    with site(hooked(f"if (typeof DataTransfer !== 'undefined') {{ {early} }}\n")) as served:
        inner = visited(page, served)
        expect(inner.locator("#said")).to_have_text("1 ready", timeout=SECONDS)
        assert len(sent(page)) == 1


def test_a_page_that_lost_its_script_is_said(page: Page, tmp_path: Path) -> None:
    """Otherwise the person would look at a list that is ready and a button that never is."""
    held: list[Route] = []
    page.route("**/page.js", lambda route: held.append(route))
    with site() as served:
        page.goto(served.origin + "/", wait_until="commit")
        inner = page.frame_locator("#hasher")
        inner.locator("#choose").set_input_files(picture(tmp_path / "any.png", 1))
        expect(inner.locator("#said")).to_have_text("not_heard", timeout=SECONDS)
        expect(page.locator("#go")).to_be_disabled()
        held[0].continue_()
        expect(inner.locator("#said")).to_have_text("1 ready", timeout=SECONDS)
        expect(page.locator("#go")).to_be_enabled()


@pytest.mark.parametrize("lie", [RANDOM_CANVAS, NOISY_CANVAS], ids=["random", "noisy"])
def test_a_browser_that_alters_pixels_gets_no_fingerprint(page: Page, tmp_path: Path, lie: str) -> None:
    with site(hooked(lie + NO_OTHER_WAY)) as served:
        inner = visited(page, served)
        inner.set_input_files("#choose", [picture(tmp_path / "any.png", 1)])
        expect(inner.locator("#doubt")).to_be_visible(timeout=SECONDS)
        expect(inner.locator("#choose")).to_be_disabled()
        expect(page.locator("#go")).to_be_disabled()
        assert page.input_value("#sent") == ""


@pytest.mark.parametrize("lie", [RANDOM_CANVAS, NOISY_CANVAS], ids=["random", "noisy"])
def test_the_other_way_to_read_pixels_is_taken_where_it_is_true(page: Page, tmp_path: Path, lie: str) -> None:
    path = picture(tmp_path / "any.png", 1)
    with site(hooked(lie)) as served:
        inner = visited(page, served)
        inner.set_input_files("#choose", [path])
        expect(inner.locator("#said")).to_have_text("1 ready", timeout=SECONDS)
        assert read_files(page.input_value("#sent"))[0].pdqs[0].pdq == pdq(open_picture(path).pixels).pdq


def test_a_browser_that_does_not_turn_pictures_gets_no_fingerprint(page: Page, tmp_path: Path) -> None:
    aside = (
        'const asked = createImageBitmap;\nglobalThis.createImageBitmap = (file) => asked(file, { imageOrientation: "none" });\n'
    )
    turned = "\nglobalThis.createImageBitmap = async (file, options) => asked(await asked(file, options), 0, 0, 88, 88);\n"
    with site(hooked(aside + turned)) as served:
        inner = visited(page, served)
        inner.set_input_files("#choose", [picture(tmp_path / "any.png", 1)])
        expect(inner.locator("#doubt")).to_be_visible(timeout=SECONDS)


def test_without_network_up_to_the_last_step(page: Page, tmp_path: Path) -> None:
    with site() as served:
        inner = visited(page, served)
        page.context.set_offline(True)
        inner.set_input_files("#choose", [picture(tmp_path / "any.png", 1), drawn_video(tmp_path / "any.webm")])
        expect(inner.locator("#said")).to_have_text("2 ready", timeout=SECONDS)
        expect(page.locator("#go")).to_be_enabled()
        assert served.asked == []


def drawn_video(path: Path, seconds: int = 3, rate: int = 25, codec: str = "libvpx") -> Path:
    with av.open(path, "w") as written:
        track = written.add_stream(codec, rate=rate)
        track.width, track.height, track.pix_fmt, track.bit_rate = 320, 240, "yuv420p", 2_000_000
        for number in range(seconds * rate):
            frame = av.VideoFrame.from_ndarray(waves(number // rate, 240, 320), format="rgb24")
            written.mux(track.encode(frame))
        written.mux(track.encode(None))
    return path


def test_a_video_second_by_second(page: Page, tmp_path: Path) -> None:
    """The colours of a video are the browser's own: near the engine's, not the same bits."""
    path = drawn_video(tmp_path / "any.webm")
    with site() as served:
        inner = visited(page, served)
        inner.set_input_files("#choose", [path])
        expect(inner.locator("#said")).to_have_text("1 ready", timeout=SECONDS)
        (file,) = read_files(page.input_value("#sent"))
    expected = list(fingerprint_video(path).fingerprint)
    assert [one.second for one in file.pdqs] == [round(frame.time) for frame in expected] == [0, 1, 2]
    assert max(one.pdq.distance(frame.pdq) for one, frame in zip(file.pdqs, expected, strict=True)) <= 16


def test_a_video_that_cannot_be_played_is_said(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "any.mp4"
    path.write_bytes(b"no video" * 100)
    with site() as served:
        inner = visited(page, served)
        inner.set_input_files("#choose", [path])
        expect(inner.locator(".status")).to_have_text("failed_video", timeout=SECONDS)


def test_a_file_is_taken_away_while_it_is_read_and_after(page: Page, tmp_path: Path) -> None:
    long = tmp_path / "long.png"
    long.write_bytes(picture(tmp_path / "one.png", 1).read_bytes() + bytes(60_000_000))
    with site() as served:
        inner = visited(page, served)
        inner.set_input_files("#choose", [long, picture(tmp_path / "two.png", 2)])
        expect(inner.locator('.file[data-state="working"]')).to_have_count(1, timeout=SECONDS)
        expect(page.locator("#go")).to_be_disabled()
        inner.get_by_role("button", name="Remove: Picture 1").click()
        expect(inner.locator("#said")).to_have_text("1 ready", timeout=SECONDS)
        inner.get_by_role("button", name="Remove: Picture 2").press("Enter")
        expect(page.locator("#go")).to_be_disabled()
        assert page.input_value("#sent") == ""
        expect(inner.locator("#choose")).to_be_focused()


def test_previews_can_be_hidden_by_keyboard(page: Page, tmp_path: Path) -> None:
    with site() as served:
        inner = visited(page, served)
        inner.set_input_files("#choose", [picture(tmp_path / "one.png", 1)])
        expect(inner.locator("#said")).to_have_text("1 ready", timeout=SECONDS)
        expect(inner.locator(".preview")).to_be_visible()
        inner.locator("#hide").press("Space")
        expect(inner.locator(".preview")).to_be_hidden()
        assert page.evaluate("document.documentElement.scrollWidth") <= SMALL


def test_the_views_are_left_out_and_taken_back_at_once(page: Page, tmp_path: Path) -> None:
    paths = [picture(tmp_path / "one.png", 1), drawn_video(tmp_path / "two.webm")]
    with site() as served:
        inner = visited(page, served)
        inner.set_input_files("#choose", paths)
        expect(inner.locator("#said")).to_have_text("2 ready", timeout=SECONDS)
        with_views = sent(page)
        inner.locator("#views").press("Space")
        expect(inner.locator(".status")).to_have_text(["1 codes", "3 codes"])
        assert sent(page) == [{**with_views[0], "pdqs": pdqs_of(with_views[0])[:1]}, with_views[1]]
        inner.set_input_files("#choose", [picture(tmp_path / "three.png", 3)])
        expect(inner.locator("#said")).to_have_text("3 ready", timeout=SECONDS)
        assert [len(pdqs_of(file)) for file in sent(page)] == [1, 3, 1]
        assert read_files(page.input_value("#sent"))
        inner.locator("#views").press("Space")
        expect(inner.locator(".status")).to_have_text(["5 codes", "3 codes", "5 codes"])
        assert sent(page)[:2] == with_views


def pdqs_of(file: dict[str, object]) -> list[object]:
    pdqs = file["pdqs"]
    assert isinstance(pdqs, list)
    return pdqs


def test_a_video_longer_than_an_hour_is_said_to_be_read_in_part(page: Page, tmp_path: Path) -> None:
    """The hour is of two seconds here."""
    text, hour = hasher.script(), "const MOST_SECONDS = 3600;"
    assert text.count(hour) == 1
    with site(hasher.sealed(text.replace(hour, "const MOST_SECONDS = 2;"), WORDS, language="en")) as served:
        inner = visited(page, served)
        paths = [drawn_video(tmp_path / "three.webm", 3), drawn_video(tmp_path / "two.webm", 2)]
        inner.set_input_files("#choose", paths)
        expect(inner.locator(".status")).to_have_text(["2 codes long_video", "2 codes"], timeout=SECONDS)
        assert [file["sha256"] for file in sent(page)] == [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]


@pytest.mark.parametrize(
    "said",
    [
        '"any"',
        "{ rempart: 1, state: 'ready', height: 1, count: 1, text: JSON.stringify({ shape: 1, files: [], name: 'x' }) }",
        "{ rempart: 1, state: 'empty', height: 1, count: 0, text: 'holiday.jpg' }",
        "{ rempart: 1, state: 'empty', height: 1, count: 0, text: '', name: 'holiday.jpg' }",
        "{ rempart: 1, state: 'empty', height: 1.5, count: 0, text: '' }",
        "{ rempart: 1, state: 'ready', height: 1, count: 1, text: FILE.replace('picture', 'picture ') }",
        "{ rempart: 1, state: 'ready', height: 1, count: 1, text: FILE.replace('whole', 'Holiday.jpg') }",
        "{ rempart: 1, state: 'ready', height: 1, count: 1, text: FILE.replace('100', '1e2') }",
        "{ rempart: 1, state: 'ready', height: 1, count: 1, text: FILE.replace('aa', 'a') }",
        "{ rempart: 1, state: 'ready', height: 1, count: 2, text: FILE }",
    ],
)
def test_the_page_takes_nothing_but_our_message(page: Page, said: str) -> None:
    with site(saying(said)) as served:
        page.goto(served.origin + "/")
        expect(page.locator("#hasher")).to_have_count(0, timeout=SECONDS)
        expect(page.locator("#refused")).to_be_visible()
        assert page.input_value("#sent") == ""


def test_the_page_takes_our_message(page: Page) -> None:
    with site(saying("{ rempart: 1, state: 'ready', height: 99, count: 1, text: FILE }")) as served:
        page.goto(served.origin + "/")
        expect(page.locator("#go")).to_be_enabled(timeout=SECONDS)
        assert len(read_files(page.input_value("#sent"))) == 1
        expect(page.locator("#refused")).to_be_hidden()


def saying(said: str) -> hasher.Frame:
    """A frame that says this when it is greeted. FILE: the text of one file, as it should be."""
    one = {"kind": "picture", "sha256": "aa" * 32, "pdqs": [["bb" * 32, 100, "whole"]]}
    file = json.dumps({"shape": 1, "files": [one]}, separators=(",", ":"))
    script = f"const FILE = {json.dumps(file)};\naddEventListener('message', () => parent.postMessage({said}, '*'));\n"
    return hasher.sealed(script, WORDS, language="en")


def test_no_complaint_of_the_browser(page: Page, tmp_path: Path) -> None:
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    with site() as served:
        inner = visited(page, served)
        inner.set_input_files("#choose", [picture(tmp_path / "one.png", 1)])
        expect(inner.locator("#said")).to_have_text("1 ready", timeout=SECONDS)
    assert complaints == []


@pytest.mark.parametrize("preferences", [{}, {"browser.privatebrowsing.autostart": True}], ids=["plain", "private"])
def test_in_firefox(tmp_path: Path, preferences: dict[str, object]) -> None:
    paths = [picture(tmp_path / "one.jpg", 1), drawn_video(tmp_path / "two.webm")]
    with site() as served, firefox(preferences) as opened:
        opened.go(served.origin + "/")
        opened.enter("#hasher")
        opened.choose("#choose", paths)
        opened.wait("document.getElementById('said').textContent === '2 ready'")
        opened.enter(None)
        files = read_files(opened.run("return document.getElementById('sent').value"))
        assert served.asked == []
    assert files[0].pdqs[0].pdq == pdq(open_picture(paths[0]).pixels).pdq
    assert [one.second for one in files[1].pdqs] == [0, 1, 2]


def test_firefox_that_resists_recognition_is_told_to_use_another(tmp_path: Path) -> None:
    """Tor Browser does the same: what it gives back of a canvas is chance."""
    with site() as served, firefox({"privacy.resistFingerprinting": True}) as opened:
        opened.go(served.origin + "/")
        opened.enter("#hasher")
        opened.choose("#choose", [picture(tmp_path / "one.png", 1)])
        opened.wait("!document.getElementById('doubt').hidden")
        opened.enter(None)
        assert opened.run("return document.getElementById('sent').value") == ""
        assert re.fullmatch("Go", opened.text("#go"))
