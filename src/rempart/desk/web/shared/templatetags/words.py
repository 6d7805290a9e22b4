"""``{{ item.state|word:"State" }}``: the label of a value as a row keeps it."""

from typing import Any

from django import template

from rempart.desk.web.shared.words import Words, words_of

register = template.Library()


@register.filter
def word(value: Any, kind: str) -> Words:
    """The label of ``value``, a value of the enumeration named ``kind`` (see ``web.shared.words``)."""
    return words_of(kind, value)
