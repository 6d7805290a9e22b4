"""Every address of the project, found by asking Django: a page added tomorrow is walked without anybody thinking of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import translation

from rempart.desk.rules.access import Permission
from rempart.desk.web.shared.access import need_of


@dataclass(frozen=True, slots=True)
class Route:
    """One address and the view behind it. ``name`` is what templates call it: ``console:item``."""

    name: str
    view: Callable[..., Any]
    parameters: tuple[str, ...]
    door: str

    @property
    def need(self) -> str | Permission | None:
        return need_of(self.view)

    def address(self, samples: dict[str, Any], language: str) -> str:
        """The address filled with sample values: by ``route parameter``, else by ``parameter`` alone."""
        values = {name: samples.get(f"{self.name} {name}", samples.get(name)) for name in self.parameters}
        missing = [name for name, value in values.items() if value is None]
        assert not missing, f"{self.name}: no sample for {missing}; add it to tests/conventions/samples.py"
        with translation.override(language):
            return reverse(self.name, kwargs=values)


@cache
def routes() -> tuple[Route, ...]:
    return tuple(_walk(get_resolver().url_patterns, (), ()))


def _walk(patterns: Any, spaces: tuple[str, ...], above: tuple[str, ...]) -> Iterator[Route]:
    for pattern in patterns:
        parameters = (*above, *pattern.pattern.converters)
        if isinstance(pattern, URLResolver):
            named = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from _walk(pattern.url_patterns, named, parameters)
        elif isinstance(pattern, URLPattern) and pattern.name:
            name = ":".join((*spaces, pattern.name))
            yield Route(name, pattern.callback, parameters, door=spaces[0] if spaces else "")


def unnamed_views() -> list[Any]:
    """Views of addresses that nobody can reverse: the root, which chooses a language."""
    found: list[Any] = []

    def look(patterns: Any) -> None:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                look(pattern.url_patterns)
            elif not pattern.name:
                found.append(pattern.callback)

    look(get_resolver().url_patterns)
    return found
