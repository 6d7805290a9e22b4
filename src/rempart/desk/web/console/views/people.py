"""The staff: accounts and roles, by an administrator."""

import secrets
from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rempart.desk.registers.people import queries, steps
from rempart.desk.registers.people.errors import AccountRefused, PeopleRefused
from rempart.desk.registers.people.models import Person
from rempart.desk.rules.access import ROLES, Permission, Role
from rempart.desk.web.console.views.gestures import tell
from rempart.desk.web.console.views.pages import page, staff
from rempart.desk.web.console.words import PERMISSIONS, refusals
from rempart.desk.web.shared.access import needs
from rempart.desk.web.shared.language import LANGUAGES
from rempart.desk.web.shared.words import choices, words_for


@needs(Permission.MANAGE_PEOPLE)
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Everybody who has an account, and what each role may do."""
    table = [(PERMISSIONS[one], [one in ROLES[role] for role in Role]) for one in Permission]
    context = {"everybody": queries.everybody(), "table": table, "roles": [words_for(role) for role in Role]}
    return page(request, "console/people.html", context, here="people")


@needs(Permission.MANAGE_PEOPLE)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Make an account, with a first password shown once."""
    errors, chosen = [], {name: request.POST.get(name, "")[:80] for name in ("sign_in_name", "display_name", "role")}
    chosen["language"] = request.POST.get("language", staff(request).language)
    if request.method == "POST":
        role = _role(chosen["role"])
        password = first_password()
        try:
            if role is None or chosen["language"] not in LANGUAGES:
                raise PeopleRefused("role_unknown")
            made = steps.create_person(
                chosen["sign_in_name"][:60],
                chosen["display_name"],
                role,
                password,
                language=chosen["language"],
                by=staff(request).pk,
                now=timezone.now(),
            )
        except PeopleRefused as refusal:
            errors = refusals(refusal.reasons)
        else:
            return page(request, "console/first_password.html", {"made": made, "password": password}, here="people")
    context = {"errors": errors, "chosen": chosen, "role_choices": choices(Role)}
    return page(request, "console/person_add.html", context, here="people", status=400 if errors else 200)


def first_password() -> str:
    """Sixteen signs in four groups, easy to read aloud."""
    signs = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(signs) for _ in range(4)) for _ in range(4))


def _role(value: str) -> Role | None:
    return next((role for role in Role if role.value == value), None)


def find(person_id: int) -> Person:
    """The account. Raises ``Http404``."""
    found = Person.objects.filter(pk=person_id).first()
    if found is None:
        raise Http404
    return found


@needs(Permission.MANAGE_PEOPLE)
@require_GET
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """One account."""
    return page(request, "console/person.html", {"one": find(person_id), "role_choices": choices(Role)}, here="people")


def _change(request: HttpRequest, person_id: int, act: Callable[[Person], None], done: str) -> HttpResponse:
    one = find(person_id)
    try:
        act(one)
        messages.success(request, done % {"name": one.display_name})
    except PeopleRefused as refusal:
        tell(request, refusal)
    return redirect("console:person", person_id=person_id)


@needs(Permission.MANAGE_PEOPLE)
@require_POST
def change_role(request: HttpRequest, person_id: int) -> HttpResponse:
    """Give another role."""

    def act(one: Person) -> None:
        role = _role(request.POST.get("role", ""))
        if role is None:
            raise PeopleRefused("role_unknown")
        steps.change_role(one, role, by=staff(request).pk, now=timezone.now())

    return _change(request, person_id, act, _("%(name)s has another role."))


@needs(Permission.MANAGE_PEOPLE)
@require_POST
def stop(request: HttpRequest, person_id: int) -> HttpResponse:
    """Stop the account."""
    by, now = staff(request).pk, timezone.now()
    return _change(
        request, person_id, lambda one: steps.deactivate(one, by=by, now=now), _("The account of %(name)s is stopped.")
    )


@needs(Permission.MANAGE_PEOPLE)
@require_POST
def reopen(request: HttpRequest, person_id: int) -> HttpResponse:
    """Open the account again."""
    by, now = staff(request).pk, timezone.now()
    return _change(request, person_id, lambda one: steps.reactivate(one, by=by, now=now), _("%(name)s can sign in again."))


@needs(Permission.MANAGE_PEOPLE)
@require_POST
def reset_second_factor(request: HttpRequest, person_id: int) -> HttpResponse:
    """Forget a lost second factor."""
    by, now = staff(request).pk, timezone.now()
    done = _("%(name)s will enrol a new second factor at the next sign-in.")
    return _change(request, person_id, lambda one: steps.reset_second_factor(one, by=by, now=now), done)


@needs(Permission.MANAGE_PEOPLE)
@require_POST
def new_password(request: HttpRequest, person_id: int) -> HttpResponse:
    """Give a new first password, shown once."""
    one, password, by = find(person_id), first_password(), staff(request).pk
    try:
        if one.pk == by:
            # One's own password asks for the present one: see ``account``.
            raise AccountRefused("yourself")
        steps.set_password(one, password, by=by, now=timezone.now())
    except PeopleRefused as refusal:
        tell(request, refusal)
        return redirect("console:person", person_id=person_id)
    return page(request, "console/first_password.html", {"made": one, "password": password}, here="people")
