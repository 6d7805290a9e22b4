"""Which language a page speaks: the first part of a public address, or the choice of the signed-in person."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation

LANGUAGES = tuple(code for code, _ in settings.LANGUAGES)


class LanguageOfAddress:
    """``/fr/…`` and ``/en/…`` say it themselves; elsewhere the browser's wish. No cookie is set for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        named = request.path_info[1:3] if request.path_info[3:4] == "/" else ""
        language = named if named in LANGUAGES else translation.get_language_from_request(request)
        with translation.override(language):
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        return response
