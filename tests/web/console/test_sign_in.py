"""Two factors, always; sessions that end; nothing said that helps a stranger."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyotp
import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from rempart.desk.registers.journal.models import Entry
from rempart.desk.registers.people import second_factor, signing_in
from rempart.desk.registers.people.errors import PeopleRefused
from rempart.desk.registers.people.models import Person
from rempart.desk.registers.vault import sealing
from rempart.desk.web.console.views import sign_in
from rempart.desk.web.shared.limits import HourlyLimit
from tests import cast
from tests.web.console.conftest import SignedIn

pytestmark = pytest.mark.django_db
HOME = "/console/"


def names_herself(client: Client, password: str = cast.PASSWORD, going: str = "") -> int:
    data = {"sign_in_name": "camille", "password": password, "next": going}
    return client.post(reverse("console:sign-in"), data).status_code


def journal() -> list[str]:
    return list(Entry.objects.order_by("pk").values_list("verb", flat=True))


def test_both_factors_open_the_console(client: Client, clock: cast.Clock) -> None:
    cast.camille()
    assert client.get(HOME).headers["Location"] == f"{reverse('console:sign-in')}?next=/console/"
    assert names_herself(client, going="/console/queue/") == 302
    assert client.get(HOME).status_code == 302, "the password alone opens nothing"
    before = client.session.session_key
    done = client.post(reverse("console:second-factor"), {"code": cast.totp_code(clock.now)})
    assert done.headers["Location"] == "/console/queue/"
    assert client.session.session_key != before, "the key of the session changes when it begins to open doors"
    assert client.get(HOME).status_code == 200
    assert journal()[-1] == "signed_in"


@pytest.mark.parametrize("going", ["https://elsewhere.example/", "//elsewhere.example", "/fr/", "/console/sign-in/code/"])
def test_nobody_is_sent_elsewhere(client: Client, clock: cast.Clock, going: str) -> None:
    cast.camille()
    names_herself(client, going=going)
    done = client.post(reverse("console:second-factor"), {"code": cast.totp_code(clock.now)})
    assert done.headers["Location"] == HOME


def test_a_wrong_password_says_nothing_of_the_name(client: Client, clock: cast.Clock) -> None:
    cast.camille()
    pages = [
        client.post(reverse("console:sign-in"), {"sign_in_name": name, "password": "not the one"})
        for name in ("camille", "nobody-here")
    ]
    assert [page.status_code for page in pages] == [403, 403]
    assert pages[0].context["error"] == pages[1].context["error"]
    assert journal()[-2:] == ["sign_in_failed", "sign_in_failed"]


def test_too_many_wrong_codes_wait(client: Client, clock: cast.Clock) -> None:
    cast.camille()
    names_herself(client)
    address, wrong = reverse("console:second-factor"), "000000" if cast.totp_code(clock.now) != "000000" else "000001"
    for _ in range(3):
        assert client.post(address, {"code": wrong}).status_code == 403
    page = client.post(address, {"code": cast.totp_code(clock.now)})
    assert page.status_code == 403
    assert "2 seconds" in page.context["error"] or "2 secondes" in page.context["error"]
    clock.later(seconds=30)
    assert client.post(address, {"code": cast.totp_code(clock.now)}).status_code == 302


def test_a_code_is_not_good_twice(client: Client, clock: cast.Clock) -> None:
    cast.camille()
    code = cast.totp_code(clock.now)
    names_herself(client)
    assert client.post(reverse("console:second-factor"), {"code": code}).status_code == 302
    client.post(reverse("console:sign-out"))
    names_herself(client)
    assert client.post(reverse("console:second-factor"), {"code": code}).status_code == 403


def test_the_password_waits_ten_minutes_for_its_code(client: Client, clock: cast.Clock) -> None:
    cast.camille()
    names_herself(client)
    clock.later(minutes=11)
    done = client.post(reverse("console:second-factor"), {"code": cast.totp_code(clock.now)})
    assert done.headers["Location"] == reverse("console:sign-in")


def test_the_first_time_a_second_factor_is_enrolled(client: Client, clock: cast.Clock) -> None:
    person = Person.objects.create(
        sign_in_name="camille",
        display_name="Camille",
        role="analyst",
        language="en",
        password=cast.hashed_password(),
        created_at=clock.now,
    )
    names_herself(client)
    page = client.get(reverse("console:second-factor")).content.decode()
    person.refresh_from_db()
    secret = sealing.unseal(bytes(person.sealed_totp_secret or b""))
    assert "<svg" in page
    assert "style=" not in page
    assert secret[:4] in page
    sessions_in_clear = "".join(Session.objects.values_list("session_data", flat=True))
    assert secret not in sessions_in_clear
    shown = client.post(reverse("console:second-factor"), {"code": pyotp.TOTP(secret).at(clock.now)})
    codes = list(shown.context["codes"])
    assert len(codes) == second_factor.RECOVERY_CODES
    assert client.get(HOME).status_code == 200
    assert not any(code in client.get(reverse("console:account")).content.decode() for code in codes), "shown once"
    client.post(reverse("console:sign-out"))
    names_herself(client)
    opened = client.post(reverse("console:second-factor"), {"recovery_code": codes[0].lower()})
    assert opened.context["left"] == 9
    assert client.get(HOME).status_code == 200


def test_a_quiet_session_ends(signed_in: SignedIn, clock: cast.Clock) -> None:
    client = signed_in(cast.CAMILLE)
    for _ in range(4):
        clock.later(minutes=29)
        assert client.get(HOME).status_code == 200
    clock.later(minutes=31)
    assert client.get(HOME).status_code == 302
    assert journal()[-1] == "session_ended"


def test_a_long_session_ends(signed_in: SignedIn, clock: cast.Clock) -> None:
    client = signed_in(cast.CAMILLE)
    for _ in range(24):
        clock.later(minutes=25)
        client.get(HOME)
    clock.later(minutes=1)
    assert client.get(HOME).status_code == 302


def test_a_session_ends_with_its_second_factor_its_password_or_its_account(signed_in: SignedIn, clock: cast.Clock) -> None:
    changes = [
        {"totp_confirmed_at": None},
        {"totp_confirmed_at": clock.now + timedelta(seconds=1)},
        {"password": "something else"},
        {"is_active": False},
    ]
    for change in changes:
        client, person = signed_in(cast.CAMILLE), cast.camille()
        assert client.get(HOME).status_code == 200
        Person.objects.filter(pk=person.pk).update(**change)
        assert client.get(HOME).status_code == 302, change
        Person.objects.filter(pk=person.pk).delete()


def test_the_cookie_stays_in_the_console(client: Client, clock: cast.Clock) -> None:
    cast.camille()
    names_herself(client)
    client.post(reverse("console:second-factor"), {"code": cast.totp_code(clock.now)})
    cookie = client.cookies["desk"]
    assert (cookie["path"], cookie["samesite"], bool(cookie["httponly"])) == ("/console/", "Strict", True)


def test_signing_out_closes(signed_in: SignedIn) -> None:
    client = signed_in(cast.CAMILLE)
    assert client.get(reverse("console:sign-out")).status_code == 405
    assert client.post(reverse("console:sign-out")).status_code == 302
    assert client.get(HOME).status_code == 302
    assert journal()[-1] == "signed_out"


def test_my_account_changes_the_language_the_keys_and_the_codes(signed_in: SignedIn, clock: cast.Clock) -> None:
    client = signed_in(cast.CAMILLE)
    assert 'data-does="next"' in client.get(HOME).content.decode()
    client.post(reverse("console:account-keys"), {})
    assert 'data-does="next"' not in client.get(HOME).content.decode()
    client.post(reverse("console:account-language"), {"language": "fr"})
    page = client.get(HOME)
    assert page.headers["Content-Language"] == "fr"
    assert '<html lang="fr">' in page.content.decode()
    assert client.post(reverse("console:account-codes"), {"code": "000"}).status_code == 400
    codes = client.post(reverse("console:account-codes"), {"code": cast.totp_code(clock.now)}).context["codes"]
    assert len(codes) == second_factor.RECOVERY_CODES


@pytest.mark.slow
def test_my_account_changes_the_password(signed_in: SignedIn) -> None:
    client, other = signed_in(cast.CAMILLE), signed_in(cast.CAMILLE)
    address, fresh = reverse("console:account-password"), "three boats on a green lake"
    asked = {"present": cast.PASSWORD, "password": fresh, "again": fresh}
    assert client.post(address, {**asked, "present": "no"}).status_code == 400
    assert client.post(address, {**asked, "again": "no"}).status_code == 400
    assert client.post(address, {**asked, "password": "short", "again": "short"}).status_code == 400
    assert client.post(address, asked).status_code == 302
    assert client.get(HOME).status_code == 200, "this session goes on"
    assert other.get(HOME).status_code == 302, "the others end"


def test_one_network_cannot_keep_us_hashing(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "FAILURES", HourlyLimit(everybody=100, each=2))
    hashed: list[str] = []

    def counted(name: str, password: str, *, now: datetime) -> Person:
        hashed.append(name)
        raise PeopleRefused("wrong")

    monkeypatch.setattr(signing_in, "check_name_and_password", counted)
    for name in ("a", "b", "c", "d"):
        answer = client.post(reverse("console:sign-in"), {"sign_in_name": name, "password": "x"})
    assert hashed == ["a", "b"]
    assert "Too many tries" in answer.content.decode() or "Trop d’essais" in answer.content.decode()
