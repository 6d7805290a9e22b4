"""Protect my image, whole: the home page, the door, a photograph, a code, the case page, and taking it back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from rempart.desk.registers.bank.models import Protection
from rempart.desk.registers.bank.search import BankSearch
from rempart.desk.stages.intake.models import Case
from rempart.desk.web.public import gates
from rempart.engine.fingerprint import Pdq
from rempart.engine.pdq import pdq
from rempart.engine.picture import open_picture
from tests.journeys.hands import Keyboard
from tests.journeys.protectors import InChromium, InFirefox, Person
from tests.journeys.stage import PHONE, Stage
from tests.web.public.image.firefox import firefox
from tests.web.public.image.slow import slow_pages
from tests.web.public.image.test_browser_pdq import waves

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ENOUGH = 60  # seconds from opening the page to holding a code
SLOWER = 6
SIDEWAYS = 6  # EXIF: to be turned a quarter clockwise to be looked at
WAYS = ["chromium", "chromium-keyboard", "chromium-slow", "firefox-keyboard"]

both_languages = pytest.mark.parametrize("language", ["fr", "en"])


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    gates.PROTECTIONS.forget()
    gates.WRONG_CODES.forget()


@pytest.fixture(scope="module")
def photograph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve megapixels, held sideways, of soft shapes under a fine grain."""
    path, exif = tmp_path_factory.mktemp("photograph") / "secret-name.jpg", Image.Exif()
    exif[0x0112] = SIDEWAYS
    soft = Image.fromarray(waves(60, 300, 400)).resize((4000, 3000), Image.Resampling.BICUBIC)
    grain = np.random.default_rng(0).integers(-6, 7, (3000, 4000, 1), np.int16)
    grainy = np.clip(np.asarray(soft, np.int16) + grain, 0, 255).astype(np.uint8)
    Image.fromarray(grainy).save(path, "JPEG", quality=85, exif=exif.tobytes())
    return path


@pytest.fixture(scope="module")
def seen_by_the_engine(photograph: Path) -> Pdq:
    return pdq(open_picture(photograph).pixels).pdq


@contextmanager
def somebody(stage: Stage, way: str, language: str) -> Iterator[Person]:
    if way.startswith("firefox"):
        with firefox() as window:
            yield InFirefox(window, stage.desk, language, PHONE["width"])
        return
    person = InChromium(stage, stage.browser_of(language, PHONE), language)
    if way.endswith("keyboard"):
        person.hands = Keyboard()
    with slow_pages(SLOWER) if way.endswith("slow") else nullcontext():
        yield person


def protects(person: Person, language: str, path: Path, *, is_device_shared: bool = False) -> str:
    """From the home page to the case code: four screens."""
    person.go(f"/{language}/")
    person.press(f'main a[href="/{language}/image/"]')
    person.tick('input[name=age][value="13_15"]')
    person.press('#door button[value="begin"]')
    person.gives([path])
    if is_device_shared:
        person.tick("input[name=is_device_shared]")
    person.press("#go")
    return "".join(person.text(".code-card .code").split())


def opens_case(person: Person, language: str, code: str) -> None:
    person.go(f"/{language}/case/")
    person.write("#code", code)
    person.press('#open button[value="open"]')


def takes_back(person: Person) -> None:
    """From the case page; the only picture is ticked already."""
    person.unfold("#stop summary")
    person.press('#stop button[value="withdraw"]')
    person.press('#confirm button[value="withdraw-confirm"]')


@pytest.mark.parametrize("way", WAYS)
@both_languages
def test_a_photograph_is_protected_and_taken_back(
    stage: Stage, photograph: Path, seen_by_the_engine: Pdq, language: str, way: str
) -> None:
    with somebody(stage, way, language) as lina:
        began = time.monotonic()
        code = protects(lina, language, photograph)
        spent = time.monotonic() - began
        print(f"\n{way}, {language}: {spent:.1f} s from opening the page to holding the code")
        assert spent <= ENOUGH
        assert Case.objects.count() == 1
        assert is_found(seen_by_the_engine)

        lina.press('form[action$="/case/"] button[value="open"]')
        assert lina.text(".protections h3")
        takes_back(lina)
        assert not is_found(seen_by_the_engine)
        assert Protection.objects.get().ended_at == stage.clock.now

        # The case itself stays: the code that she noted opens it.
        opens_case(lina, language, code)
        assert lina.text("#protected-title")
        assert not lina.text("#stop")


def is_found(whole: Pdq) -> bool:
    """Whether a platform that asks the bank for this picture is answered."""
    return bool(BankSearch().near([whole]))


@pytest.mark.parametrize(("way", "language"), [("chromium", "fr"), ("firefox-keyboard", "en")])
def test_on_a_shared_device_taking_back_waits_and_can_be_undone(
    stage: Stage, photograph: Path, seen_by_the_engine: Pdq, way: str, language: str
) -> None:
    with somebody(stage, way, language) as lina:
        code = protects(lina, language, photograph, is_device_shared=True)
        lina.press('form[action$="/case/"] button[value="open"]')
        takes_back(lina)
        stage.wait(hours=23)
        opens_case(lina, language, code)
        lina.press('button[value="keep"]')
        stage.wait(hours=2)
        assert is_found(seen_by_the_engine), "she changed her mind in time"

        takes_back(lina)
        stage.wait(hours=23)
        assert is_found(seen_by_the_engine)
        stage.wait(hours=2)
        assert not is_found(seen_by_the_engine)


def words_around(person: Person, code: str) -> str:
    """What the page says, but for the code."""
    return "".join(person.text("main").split()).replace(code, "")


@both_languages
def test_a_lost_code_costs_nothing(stage: Stage, photograph: Path, seen_by_the_engine: Pdq, language: str) -> None:
    """Having the picture opens nothing and lifts nothing: protecting it again is a new case, and each stands alone."""
    with somebody(stage, "chromium", language) as lina:
        lost = protects(lina, language, photograph)
        told = words_around(lina, lost)
        code = protects(lina, language, photograph)
        assert code != lost
        assert words_around(lina, code) == told, "nothing tells that it was protected before"
        lina.press('form[action$="/case/"] button[value="open"]')
        takes_back(lina)
        assert [row.ended_at is None for row in Protection.objects.order_by("pk")] == [True, False]
        assert is_found(seen_by_the_engine)
