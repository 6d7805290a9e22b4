"""Look-up without the list, at ``/api/v1/match``. The question is in the body, and nowhere else.

The answer is never packed: how well it packs would tell how many were answered yes.
"""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables

from rempart.desk.outlets.lists import feed
from rempart.desk.outlets.lists.match import MOST_BODY, read_questions, write_answers
from rempart.desk.registers.lists import clients
from rempart.desk.registers.lists.asking import ask, lists_asked
from rempart.desk.registers.vault.keyring import KeyringError
from rempart.desk.web.api import refusals
from rempart.desk.web.api.door import OURS, body_of, refused
from rempart.desk.web.api.refusals import Refusal
from rempart.desk.web.shared.access import public


@public
@csrf_exempt
@sensitive_variables()
def match(request: HttpRequest) -> HttpResponse:
    """Up to 1,000 fingerprints, answered in their order."""
    try:
        answer = HttpResponse(_answered(request), content_type=feed.CONTENT_TYPE)
    except KeyringError:
        answer = refused(OURS, refusals.bank_closed())
    except Refusal as refusal:
        answer = refused(OURS, refusal)
    answer.headers["Vary"] = "Authorization"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Content-Length"] = str(len(answer.content))
    return answer


def _answered(request: HttpRequest) -> bytes:
    now, shown = timezone.now(), OURS.credentials(request)
    client = clients.authenticate(*shown, now=now) if shown else None
    if client is None:
        raise refusals.unknown_key()
    wait = clients.take_call(client, now)
    if wait is not None:
        raise refusals.too_many(wait)
    lists = lists_asked(client)
    if not lists:
        raise Refusal(403, "asking_not_open", "This client may not ask about its uploads.")
    if request.method != "POST":
        raise Refusal(405, "wrong_method", "This address takes POST.")
    try:
        asked = read_questions(body_of(request, MOST_BODY))
    except feed.Refused as wrong:
        raise refusals.bad_request(str(wrong)) from None
    wait = clients.take_questions(client, asked.count, now)
    if wait is not None:
        raise Refusal(429, "too_many_questions", f"Too many questions; come back in {wait} seconds.", retry_after=wait)
    return write_answers(ask(client, asked.questions, lists, now=now), is_padded=asked.is_padded)
