"""Security headers of every answer, whatever page, door or error it comes from."""

from collections.abc import Callable

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.http.response import HttpResponseBase

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'none'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "geolocation",
        "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer", "microphone", "midi", "payment",
        "picture-in-picture", "publickey-credentials-get", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
    )
)  # fmt: skip


class SecurityHeaders:
    """Adds the headers a page did not set itself. Only static files may be kept by a browser."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        _name_hidden_origin(request)
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Embedder-Policy", "require-corp")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("X-Robots-Tag", "noindex" if request.path.startswith(("/console/", "/answer/")) else "all")
        if not request.path.startswith("/static/"):
            response.headers["Cache-Control"] = "no-store"
        return response


def _name_hidden_origin(request: HttpRequest) -> None:
    """Give our own forms back the origin that our own ``no-referrer`` hides.

    Under that policy a browser sends ``Origin: null`` and no ``Referer`` with every form, even to the page's own site (Fetch
    standard, "append a request Origin header"), and Django then refuses them all. Which site a form comes from is still said by
    ``Sec-Fetch-Site``, that no page can forge; browsers too old to send it are held by the token and its SameSite cookie alone.
    """
    if request.META.get("HTTP_ORIGIN", "null") != "null" or "HTTP_REFERER" in request.META:
        return
    if request.META.get("HTTP_SEC_FETCH_SITE", "same-origin") != "same-origin":
        return
    try:
        request.META["HTTP_ORIGIN"] = f"{request.scheme}://{request.get_host()}"
    except DisallowedHost:
        return
