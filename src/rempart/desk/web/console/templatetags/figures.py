"""``{{ key|in_words:"action" }}`` and ``{{ number|in_figures:1 }}``: what the yearly report prints."""

from datetime import date

from django import template
from django.utils import translation
from django.utils.formats import date_format

from rempart.desk.web.console.figures_shown import label_of, number

register = template.Library()
_OWN_NAMES = {"fr": "Français", "en": "English"}


@register.filter
def in_words(key: str, by: str) -> str:
    """Words for the key of a line; nothing for a part the table does not tell apart."""
    return label_of(by, key) if key else ""


@register.filter
def in_figures(value: float | None, digits: int = 0) -> str:
    """A number as the report's language writes it; a dash where there is none."""
    return number(value, digits)


@register.filter
def own_name(language: str) -> str:
    """A language in its own words."""
    return _OWN_NAMES[language]


@register.filter
def on_day(day: date) -> str:
    """A day in words. French says the first of a month by its rank."""
    words = date_format(day, "j F Y")
    is_french = (translation.get_language() or "").startswith("fr")
    return words.replace("1 ", "1er ", 1) if is_french and day.day == 1 else words
