"""What every public page is rendered with: above all where it is in the other language."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import translate_url
from django.utils.translation import get_language

OTHER = {"fr": ("en", "English"), "en": ("fr", "Français")}


def page(request: HttpRequest, template: str, context: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    """Render a public page."""
    language = (get_language() or "en")[:2]
    code, name = OTHER.get(language, OTHER["en"])
    other = translate_url(request.path, code)
    switch = {"code": code, "name": name, "url": other if other != request.path else f"/{code}/"}
    return render(request, f"public/{template}", {"other_language": switch, **(context or {})}, status=status)
