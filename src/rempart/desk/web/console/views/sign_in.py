"""Signing in: name and password, then the second factor, enrolled the first time."""

from datetime import datetime

import segno
from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from rempart.desk.registers.people import second_factor, signing_in
from rempart.desk.registers.people.errors import PeopleRefused, SlowDown
from rempart.desk.registers.people.models import Person
from rempart.desk.web.console import sessions
from rempart.desk.web.console.views.pages import staff
from rempart.desk.web.shared.access import public, signed_in
from rempart.desk.web.shared.limits import HourlyLimit, network_of

LONGEST_PASSWORD = 1024
FAILURES = HourlyLimit(everybody=100_000, each=60)
"""Failed sign-ins of one network in an hour, whatever the names: each costs us a slow hash. Nobody else is kept out."""


@public
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Name and password."""
    if isinstance(request.user, Person):
        return redirect("console:home")
    error, name = "", request.POST.get("sign_in_name", "")[:200]
    if request.method == "POST":
        now, network = timezone.now(), network_of(request)
        try:
            _must_be_patient(network, now)
            password = request.POST.get("password", "")[:LONGEST_PASSWORD]
            person = signing_in.check_name_and_password(name, password, now=now)
        except PeopleRefused as refusal:
            FAILURES.take(network, now=now)
            error = _said(refusal, _("This name and this password do not go together."))
        else:
            going = _safe_next(request)
            sessions.wait_for_code(request, person, now)
            request.session["going"] = going
            return redirect("console:second-factor")
    context = {"error": error, "sign_in_name": name, "next": _safe_next(request)}
    return render(request, "console/sign_in.html", context, status=403 if error else 200)


def _must_be_patient(network: str, now: datetime) -> None:
    until = FAILURES.refused_until(network, now=now)
    if until is not None:
        raise SlowDown(int((until - now).total_seconds()) + 1)


def _safe_next(request: HttpRequest) -> str:
    """Where the person was going; only ever a page of the console."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith("/console/")
    return wanted if is_ours and "sign-" not in wanted else ""


def _said(refusal: PeopleRefused, otherwise: str) -> str:
    if isinstance(refusal, SlowDown):
        return ngettext(
            "Too many tries. Please wait %(seconds)d second, then try again.",
            "Too many tries. Please wait %(seconds)d seconds, then try again.",
            refusal.wait,
        ) % {"seconds": refusal.wait}
    return otherwise


@public
@require_http_methods(["GET", "POST"])
def second_factor_code(request: HttpRequest) -> HttpResponse:
    """The code of the telephone, or a recovery code. Somebody who has none yet enrols one here."""
    now = timezone.now()
    person = sessions.waiting(request, now)
    if person is None:
        return redirect("console:home" if isinstance(request.user, Person) else "console:sign-in")
    if person.totp_confirmed_at is None:
        return _enrol(request, person)
    error = ""
    if request.method == "POST":
        try:
            return _open(request, person)
        except PeopleRefused as refusal:
            error = _said(refusal, _("This code is not the right one, or was already used. Wait for the next one."))
    context = {"error": error, "is_recovery": "recovery_code" in request.POST or "recovery" in request.GET}
    return render(request, "console/second_factor.html", context, status=403 if error else 200)


def _open(request: HttpRequest, person: Person) -> HttpResponse:
    now, going = timezone.now(), request.session.get("going") or ""
    if recovery_code := request.POST.get("recovery_code", ""):
        left = signing_in.check_recovery_code(person, recovery_code[:60], now=now)
        sessions.begin(request, person, now)
        return render(request, "console/recovery_used.html", {"left": left, "going": going})
    signing_in.check_code(person, request.POST.get("code", "")[:20], now=now)
    sessions.begin(request, person, now)
    return redirect(going or "console:home")


def _enrol(request: HttpRequest, person: Person) -> HttpResponse:
    error = ""
    if request.method == "POST":
        now = timezone.now()
        try:
            codes = signing_in.confirm_first_code(person, request.POST.get("code", "")[:20], now=now)
        except PeopleRefused as refusal:
            error = _said(refusal, _("This is not the code of the key below. Check the clock of your telephone."))
        else:
            sessions.begin(request, person, now)
            return render(request, "console/recovery_codes.html", {"codes": codes, "is_first": True})
    secret = second_factor.start_enrolment(person)
    return render(request, "console/enrol.html", enrolment(person, secret, error), status=403 if error else 200)


def enrolment(person: Person, secret: str, error: str) -> dict[str, str]:
    """What a page needs to show a key as a drawing and as text."""
    grouped = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return {"error": error, "secret": grouped, "drawing": _drawing(second_factor.enrolment_uri(person, secret))}


def _drawing(uri: str) -> SafeString:
    drawn = segno.make(uri, error="m").svg_inline(scale=5, dark="#000000", light="#ffffff", border=3, omitsize=True)
    return mark_safe(drawn)  # noqa: S308 - drawn by segno from our own text; it holds shapes only


@signed_in
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Leave."""
    person = staff(request)
    auth.logout(request)
    signing_in.note_sign_out(person, now=timezone.now())
    response = redirect(settings.LOGIN_URL)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
