"""A page is private unless marked public; a staff page names the permission it needs."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from rempart.desk.registers.people.models import Person
from rempart.desk.rules.access import Permission

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

PUBLIC = "public"
SIGNED_IN = "signed_in"


def public(view: View) -> View:
    """Mark a view as open to everybody."""
    view.needs = PUBLIC  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Mark a view as open to every member of the staff who passed both factors."""
    view.needs = SIGNED_IN  # type: ignore[attr-defined]
    return view


def needs(permission: Permission) -> Callable[[View], View]:
    """Mark a view as open to the roles that have this permission."""

    def mark(view: View) -> View:
        view.needs = permission  # type: ignore[attr-defined]
        return view

    return mark


def need_of(view: Callable[..., Any]) -> str | Permission | None:
    """What a view asks of its visitor; None when it was not marked, which is refused."""
    found: str | Permission | None = getattr(getattr(view, "view_class", view), "needs", None) or getattr(view, "needs", None)
    return found


class PrivateUnlessPublic:
    """Refuses unmarked views and sends strangers to the sign-in page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> HttpResponseBase | None:
        need = need_of(view)
        if need == PUBLIC:
            return None
        person = request.user
        if not isinstance(person, Person) or not person.is_active:
            return redirect_to_login(request.path)
        if need == SIGNED_IN or (isinstance(need, Permission) and person.may(need)):
            return None
        raise PermissionDenied
