"""When something goes wrong: calm pages, in the reader's language, that repeat nothing but what the person must not lose."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from rempart.desk.web.public.pages import page
from rempart.desk.web.shared.access import public

MOST_KEPT = 50
"""Fields shown again at most when a form must be sent a second time."""
SHOWN = ("addresses", "story", "text")
"""What a person wrote with her own words: shown, so that it can be copied whatever happens."""

FINGERPRINTS = ("sent", "pasted")
"""Fields of *protect my image* that no page of trouble shows again: choosing the pictures once more takes seconds."""


@public
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400, or 413 when too much was sent at once."""
    if isinstance(exception, RequestDataTooBig):
        return _error(request, "413", 413)
    return _error(request, "400", 400)


@public
def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: this page is not for this visitor."""
    return _error(request, "403", 403)


@public
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    return _error(request, "404", 404)


@public
def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault."""
    return _error(request, "500", 500)


@public
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form came without its protection, most often because the page was open for long. Nothing typed is lost."""
    language = (get_language() or "en")[:2]
    if not request.path.startswith(f"/{language}/"):
        # Not the public door: passwords are never shown again.
        return _error(request, "csrf", 403)
    never = {"csrfmiddlewaretoken", *(FINGERPRINTS if _is_image(request) else ())}
    fields = [(name, value) for name, value in request.POST.items() if name not in never and value][:MOST_KEPT]
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        # Another site filled this form: nothing of it is ours to offer again, least of all a case code that somebody else knows.
        fields = []
    context: dict[str, Any] = {
        "shown": [(name, value) for name, value in fields if name in SHOWN],
        "carried": [(name, value) for name, value in fields if name not in SHOWN],
    }
    return page(request, "csrf.html", context, status=403)


def _error(request: HttpRequest, kind: str, status: int) -> HttpResponse:
    return page(request, "error.html", {"kind": kind, "is_image": _is_image(request)}, status=status)


def _is_image(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and match.view_name == "public:image"
