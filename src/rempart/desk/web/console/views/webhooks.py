"""Where a platform is told that a list changed: on the page of its client."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from rempart.desk.outlets import webhooks as outlet
from rempart.desk.registers.lists import overview
from rempart.desk.registers.lists import webhooks as steps
from rempart.desk.registers.lists.errors import ClientRefused
from rempart.desk.registers.lists.models import ListClient
from rempart.desk.rules.access import Permission
from rempart.desk.web.console.views.clients import find
from rempart.desk.web.console.views.gestures import tell
from rempart.desk.web.console.views.pages import page, staff
from rempart.desk.web.shared.access import needs

LONGEST = 2_000


@needs(Permission.MANAGE_CLIENTS)
@require_POST
@sensitive_post_parameters("url")
def point(request: HttpRequest, client_id: int) -> HttpResponse:
    """Tell the platform there; the secret of a new target is shown on the answer and nowhere else."""
    found, url = find(client_id), request.POST.get("url", "")[: LONGEST + 1]
    try:
        secret = outlet.point(found, url, by=staff(request).pk, now=timezone.now())
    except ClientRefused as refusal:
        tell(request, refusal)
        return redirect("console:client", client_id=client_id)
    if secret is not None:
        return _shown_once(request, found, secret)
    messages.success(request, _("The change is kept."))
    return redirect("console:client", client_id=client_id)


def _shown_once(request: HttpRequest, found: ListClient, secret: str) -> HttpResponse:
    context = {"one": overview.seen(found, timezone.now()), "secret": secret, "target": steps.target_of(found)}
    return page(request, "console/client_webhook_secret.html", context, here="clients")


@needs(Permission.MANAGE_CLIENTS)
@require_POST
def rotate(request: HttpRequest, client_id: int) -> HttpResponse:
    """A new secret, shown on the answer and nowhere else."""
    found = find(client_id)
    try:
        secret = steps.rotate(found, by=staff(request).pk, now=timezone.now())
    except ClientRefused as refusal:
        tell(request, refusal)
        return redirect("console:client", client_id=client_id)
    return _shown_once(request, found, secret)


@needs(Permission.MANAGE_CLIENTS)
@require_POST
def remove(request: HttpRequest, client_id: int) -> HttpResponse:
    """Tell it nothing more."""
    return _do(request, client_id, steps.remove, _("It is no longer told of changes."))


@needs(Permission.MANAGE_CLIENTS)
@require_POST
def test(request: HttpRequest, client_id: int) -> HttpResponse:
    """Send one test event; the page says what came of it."""
    return _do(
        request, client_id, steps.test, _("A test event leaves in a few seconds: load this page again to see what came of it.")
    )


@needs(Permission.MANAGE_CLIENTS)
@require_POST
def start_again(request: HttpRequest, client_id: int) -> HttpResponse:
    """Try again now."""
    return _do(request, client_id, steps.start_again, _("It is tried again now."))


def _do(request: HttpRequest, client_id: int, step: Callable[..., None], said: str) -> HttpResponse:
    try:
        step(find(client_id), by=staff(request).pk, now=timezone.now())
    except ClientRefused as refusal:
        tell(request, refusal)
    else:
        messages.success(request, said)
    return redirect("console:client", client_id=client_id)
