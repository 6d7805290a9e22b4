"""My account: password, second factor, recovery codes, language, keys."""

from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rempart.desk.registers.people import signing_in, steps
from rempart.desk.registers.people.errors import PasswordRefused, PeopleRefused
from rempart.desk.registers.people.models import Person
from rempart.desk.registers.people.second_factor import RECOVERY_CODES, renew_recovery_codes
from rempart.desk.web.console.views.pages import page, staff
from rempart.desk.web.console.words import KEYS
from rempart.desk.web.shared.access import signed_in
from rempart.desk.web.shared.language import LANGUAGES


@signed_in
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """Everything a person can change about the own account."""
    return _show(request)


def _show(request: HttpRequest, errors: dict[str, list[str]] | None = None) -> HttpResponse:
    person = staff(request)
    left = person.recovery_codes.filter(used_at__isnull=True).count()
    context = {"errors": errors or {}, "left": left, "all_codes": RECOVERY_CODES, "all_keys": KEYS}
    return page(request, "console/account.html", context, here="account", status=400 if errors else 200)


@signed_in
@require_POST
def change_password(request: HttpRequest) -> HttpResponse:
    """A new password; the present one is asked again."""
    person, now = staff(request), timezone.now()
    try:
        signing_in.check_name_and_password(person.sign_in_name, request.POST.get("present", "")[:1024], now=now)
    except PeopleRefused:
        return _show(request, {"present": [_("This is not your present password.")]})
    wanted = request.POST.get("password", "")[:1024]
    if wanted != request.POST.get("again", ""):
        return _show(request, {"again": [_("The two new passwords are not the same.")]})
    try:
        steps.set_password(person, wanted, by=person.pk, now=now)
    except PasswordRefused as refusal:
        return _show(request, {"password": refusal.messages})
    auth.update_session_auth_hash(request, person)
    messages.success(request, _("Your password is changed. Your other sessions have ended."))
    return redirect("console:account")


@signed_in
@require_POST
def renew_codes(request: HttpRequest) -> HttpResponse:
    """Ten new recovery codes, shown once, for a code of the telephone."""
    person, now = staff(request), timezone.now()
    try:
        signing_in.check_code(person, request.POST.get("code", "")[:20], now=now)
    except PeopleRefused:
        return _show(request, {"code": [_("This code is not the right one, or was already used.")]})
    codes = renew_recovery_codes(person, now=now)
    return render(request, "console/recovery_codes.html", {"codes": codes, "is_first": False})


@signed_in
@require_POST
def change_language(request: HttpRequest) -> HttpResponse:
    """French or English."""
    wanted = request.POST.get("language", "")
    if wanted in LANGUAGES:
        steps.change_language(staff(request), wanted, now=timezone.now())
        with translation.override(wanted):
            messages.success(request, _("The console now speaks English to you."))
    return redirect("console:account")


@signed_in
@require_POST
def set_shortcuts(request: HttpRequest) -> HttpResponse:
    """Single keys on or off."""
    person: Person = staff(request)
    steps.set_shortcuts(person, request.POST.get("shortcuts") == "on", now=timezone.now())
    messages.success(request, _("Keys are on.") if person.has_shortcuts else _("Keys are off."))
    return redirect("console:account")
