"""A staff session ends by itself, and speaks the language of its person."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.contrib import auth, messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from rempart.desk.registers.people import signing_in
from rempart.desk.registers.people.models import Person

BEGAN, SEEN, FACTOR = "began", "seen", "factor"
WAITING, WAITING_SINCE = "waiting", "waiting_since"
"""Between the two factors: whose password was right, and since when."""
WAITING_SECONDS = 600


class StaffSessions:
    """Ends sessions that are too old, too quiet, or older than the second factor of their person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith("/console/") or not isinstance(request.user, Person):
            return self.get_response(request)
        person, now = request.user, timezone.now()
        with translation.override(person.language):
            request.LANGUAGE_CODE = person.language
            if has_ended(request, person, now):
                auth.logout(request)
                signing_in.note_sign_out(person, now=now, is_expired=True)
                messages.info(request, _("Your session ended. Please sign in again."))
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", person.language)
        return response


def has_ended(request: HttpRequest, person: Person, now: datetime) -> bool:
    """Whether this session is over; if not, notes that the person is there."""
    kept, moment = request.session, now.timestamp()
    is_old = moment - kept.get(BEGAN, 0) > settings.REMPART.session_hours * 3600
    is_quiet = moment - kept.get(SEEN, 0) > settings.REMPART.idle_minutes * 60
    if is_old or is_quiet or kept.get(FACTOR) != factor_mark(person):
        return True
    if moment - kept[SEEN] > 30:
        # Not at every click: each write of the session is a write in the database.
        kept[SEEN] = moment
    return False


def factor_mark(person: Person) -> str:
    """Changes when the second factor does: a session opened with a former one ends."""
    return person.totp_confirmed_at.isoformat() if person.totp_confirmed_at else ""


def begin(request: HttpRequest, person: Person, now: datetime) -> None:
    """Both factors were good: a fresh session, with a fresh key."""
    request.session.flush()
    auth.login(request, person, backend="django.contrib.auth.backends.ModelBackend")
    request.session[BEGAN] = request.session[SEEN] = now.timestamp()
    request.session[FACTOR] = factor_mark(person)
    signing_in.note_sign_in(person, now=now)


def refresh_factor(request: HttpRequest, person: Person) -> None:
    """The person changed the second factor in this very session, which goes on."""
    request.session[FACTOR] = factor_mark(person)


def wait_for_code(request: HttpRequest, person: Person, now: datetime) -> None:
    """The password was right; the second factor is still to come."""
    request.session.flush()
    request.session[WAITING] = person.pk
    request.session[WAITING_SINCE] = now.timestamp()


def waiting(request: HttpRequest, now: datetime) -> Person | None:
    """The person between the two factors, if any and not for too long."""
    if now.timestamp() - request.session.get(WAITING_SINCE, 0) > WAITING_SECONDS:
        return None
    return Person.objects.filter(pk=request.session.get(WAITING) or 0, is_active=True).first()
