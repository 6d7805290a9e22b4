"""The pages that only speak: home, help, what we keep; and the way out."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.views.decorators.http import require_safe

from rempart.desk.web.public import services
from rempart.desk.web.public.pages import page
from rempart.desk.web.shared.access import public


@public
@require_safe
def choose_language(request: HttpRequest) -> HttpResponse:
    """The bare address goes to the language the browser asks for."""
    answer = HttpResponseRedirect(f"/{translation.get_language_from_request(request)}/")
    answer.headers["Vary"] = "Accept-Language"
    return answer


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Three calm doors, and the way back to a case."""
    return page(request, "home.html", {"now": services.NOW})


@public
@require_safe
def help_now(request: HttpRequest) -> HttpResponse:
    """Who to call, for whom, when."""
    found = [(row, [(one, services.link_of(one)) for one in row.approved_contacts]) for row in services.approved_services()]  # type: ignore[attr-defined]
    lines = {
        "now": services.NOW,
        "young": services.FOR_THE_YOUNG,
        "images": services.IMAGES,
        "for_a_child": services.FOR_A_CHILD,
        "adults": services.FOR_ADULTS,
        "dark_thoughts": (services.SUICIDE,),
        "own_thoughts": (services.STOP,),
    }
    return page(request, "help.html", {"lines": lines, "services": found})


@public
@require_safe
def pictures(request: HttpRequest) -> HttpResponse:
    """Why no picture is asked for or taken."""
    return page(request, "pictures.html")


@public
@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Who we are, what is kept, for how long, who reads it."""
    retention = settings.REMPART_RETENTION
    return page(
        request,
        "about.html",
        {
            "words_days": retention.words.days,
            "addresses_months": round(retention.addresses.days / 30.4),
            "protection_months": round(retention.protection.days / 30.4),
        },
    )


@public
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """How these pages can be used, and whom to tell when they cannot."""
    return page(request, "accessibility.html")


@public
@require_safe
def leave(request: HttpRequest) -> HttpResponse:
    """The way out: the browser forgets what it kept of this site, and shows an ordinary page."""
    answer = HttpResponseRedirect(settings.REMPART.neutral_url)
    answer.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return answer
