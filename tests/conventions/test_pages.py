"""Every address × every visitor × both languages: who gets in, with which headers, and what kind of page it is.

The addresses come from Django, the visitors from the access table, the objects from `samples`: a new page is walked
as soon as it has an address.
"""

from __future__ import annotations

import pytest
from django.urls import reverse

from rempart.desk.rules.access import Permission, Role
from rempart.desk.web.shared.access import PUBLIC, SIGNED_IN, need_of
from tests.conventions.html import NOT_NEUTRAL, Page
from tests.conventions.routes import Route, routes, unnamed_views
from tests.conventions.sources import report
from tests.conventions.walking import Answer, may_enter, walk

LANGUAGES = ("fr", "en")
VISITORS: tuple[Role | None, ...] = (None, *Role)

REQUIRED = {
    "Content-Security-Policy": (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'self'", "frame-ancestors 'none'",
        "base-uri 'none'", "require-trusted-types-for 'script'",
    ),
    "Referrer-Policy": ("no-referrer",),
    "Permissions-Policy": ("camera=()", "microphone=()", "geolocation=()"),
    "X-Content-Type-Options": ("nosniff",),
    "X-Frame-Options": ("DENY",),
    "Cross-Origin-Opener-Policy": ("same-origin",),
    "Cross-Origin-Resource-Policy": ("same-origin",),
    "Cache-Control": ("no-store",),
}  # fmt: skip
REFUSED_IN_POLICY = ("unsafe-inline", "unsafe-eval", "http:", "https:", "*")
OPEN_TO_PROGRAMS = {"api:description", "api:signing-key"}
CONSOLE_COOKIES = {"desk", "csrftoken"}

every_visitor = pytest.mark.parametrize("role", VISITORS, ids=lambda role: role.value if role else "anonymous")
every_language = pytest.mark.parametrize("language", LANGUAGES)


def test_every_view_says_who_may_enter() -> None:
    offences = [route.name for route in routes() if route.need is None]
    offences += [repr(view) for view in unnamed_views() if need_of(view) is None]
    assert len(routes()) > 20
    assert not offences, report(offences)


def test_the_console_is_never_open_to_strangers_but_to_sign_in() -> None:
    opened = {route.name for route in routes() if route.door == "console" and route.need == PUBLIC}
    assert opened == {"console:sign-in", "console:second-factor"}


def test_doors_outside_the_console_ask_no_name() -> None:
    closed = [route.name for route in routes() if route.door in {"public", "answers"} and route.need != PUBLIC]
    assert not closed, report(closed)


@pytest.mark.slow
@pytest.mark.django_db
@every_language
@every_visitor
def test_every_address(role: Role | None, language: str) -> None:
    """Doors open as the access table says; every answer carries its headers; every page is whole."""
    answers = walk(role, language)
    offences = [
        f"{answer.label}: {answer.status}, {wrong_status(role, answer)}" for answer in answers if wrong_status(role, answer)
    ]
    offences += [f"{answer.label}: {wrong}" for answer in answers for wrong in wrong_headers(answer)]
    pages = [answer for answer in answers if answer.is_page]
    offences += [f"{answer.label}: {wrong}" for answer in pages for wrong in wrong_in_page(answer, language)]
    assert len(pages) > 8
    assert not offences, report(sorted(set(offences)))


def wrong_status(role: Role | None, answer: Answer) -> str:
    status, route = answer.status, answer.route
    if status >= 500:
        return "broke"
    if route is None:
        return "" if status == 404 or is_sent_to_sign_in(answer) else "should not exist"
    if route.door == "api":
        # A door for programs: it asks for a key by itself, and who is signed in elsewhere is nobody here.
        return "" if status == 401 or route.name in OPEN_TO_PROGRAMS else "should ask for a key"
    if may_enter(role, route):
        # A public page answers 403 to a wrong name or code: that is a page, not a closed door.
        is_refusal = status in {401, 403, 404} and not (status == 403 and route.need == PUBLIC)
        return "should open" if is_refusal else ""
    if role is None:
        return "" if is_sent_to_sign_in(answer) else "should send to the sign-in page"
    return "" if status == 403 else "should be refused"


def is_sent_to_sign_in(answer: Answer) -> bool:
    return answer.status == 302 and answer.headers["Location"].startswith(reverse("console:sign-in"))


def wrong_headers(answer: Answer) -> list[str]:
    found = []
    for header, parts in REQUIRED.items():
        value = answer.headers.get(header, "")
        found += [f"{header} lacks {part}" for part in parts if part not in value]
    policy = answer.headers.get("Content-Security-Policy", "")
    found += [f"the policy says {word}" for word in REFUSED_IN_POLICY if word in policy]
    allowed = CONSOLE_COOKIES if answer.path.startswith("/console/") else {"csrftoken"}
    return found + [f"sets the cookie {name}" for name in answer.cookies - allowed]


def wrong_in_page(answer: Answer, language: str) -> list[str]:
    page = Page(answer.body)
    found = page.faults()
    if page.lang != language:
        found.append(f"lang is {page.lang!r}")
    is_for_the_public = not answer.path.startswith("/console/")
    if is_for_the_public and NOT_NEUTRAL.search(page.title):
        found.append(f"the title is not neutral: {page.title.strip()!r}")
    return found


@pytest.mark.django_db
def test_each_permission_opens_something() -> None:
    used = {route.need for route in routes() if isinstance(route.need, Permission)}
    assert used <= set(Permission)
    assert Permission.READ_QUEUE in used
    assert SIGNED_IN in {route.need for route in routes()}


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<h1>a</h1><h1>b</h1>", "2 h1"),
        ("<h1>a</h1><h3>b</h3>", "heading levels jump"),
        ("<h1>a</h1><input name=x>", "has no label"),
        ("<h1>a</h1><label for=y>x</label><input name=x id=x>", "has no label"),
        ("<h1>a</h1><p style='color:red'>", "inline style"),
        ("<h1>a</h1><script>1</script>", "an inline script"),
        ("<h1>a</h1><img src='//b/c' alt=''>", "loads from elsewhere"),
        ("<h1>a</h1><i id=a></i><i id=a></i>", "is there 2 times"),
        ("<h1>a</h1><button></button>", "a button without words"),
    ],
)
def test_faults_are_seen(html: str, fault: str) -> None:
    assert any(fault in found for found in Page(f"<title>t</title>{html}").faults())


def test_a_good_page_has_none() -> None:
    page = "<title>t</title><h1>a</h1><label>x <input name=x></label><label for=y>y</label><textarea id=y name=y></textarea>"
    assert not Page(page + "<input type=hidden name=z><button aria-label=b></button>").faults()


def test_routes_are_read_with_their_parameters() -> None:
    assert all(isinstance(route, Route) and ":" in route.name for route in routes())
