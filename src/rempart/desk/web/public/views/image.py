"""Protect my image: a door, a page where pictures are chosen, a page with the case code; all at one address.

The pictures never come here. What comes is the one message of the frame (see ``hasher``), read sign by sign; a page shows it
again, in a hidden field, only where it is sound.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from rempart.desk.registers.vault.sealing import case_keys, new_case_code
from rempart.desk.rules.code import CaseCode, code_groups
from rempart.desk.rules.protection import MOST_PROTECTIONS, Age, Helper, SentFile, Submission, SubmissionRefused
from rempart.desk.stages.intake import protecting, queries
from rempart.desk.stages.intake.errors import NoSuchCase, ProtectionRefused
from rempart.desk.web.public import gates, hasher, image_words, services
from rempart.desk.web.public.image_form import Asked, Screen, one_of, read_asked, readable, sound
from rempart.desk.web.public.pages import page
from rempart.desk.web.public.whereabouts import reach
from rempart.desk.web.shared.access import public
from rempart.desk.web.shared.limits import network_of
from rempart.desk.web.shared.uploads import had_file, takes_up_to

MOST_BYTES = 4_000_000
"""Of one form: the longest message that may come, a fifth longer on the way (signs are escaped), and what was kept before."""
DAYS_OF_MONTH = 30.4


@dataclass(frozen=True, slots=True)
class Said:
    """What the page says about what was just sent: why it was refused, when to come back, whether a file was dropped."""

    reason: str = ""
    come_back_at: datetime | None = None
    had_file: bool = False
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """429 to come back later, 503 where the fault is ours, 422 to mend something, else 200."""
        if self.come_back_at is not None:
            return 429
        if self.reason == "bank_closed":
            return 503
        return 422 if self.reason else 200


@public
@takes_up_to(MOST_BYTES)
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
def image(request: HttpRequest) -> HttpResponse:
    """Show a page, or take what it asked and show the next."""
    if request.method != "POST":
        return _door(request, Asked(), Said())
    asked, said = read_asked(request.POST), Said(had_file=had_file(request))
    screen = one_of(Screen, request.POST.get("screen", "")) or Screen.DOOR
    action = request.POST.get("action", "")
    if screen is Screen.DONE:
        return _done_again(request, asked, said, action)
    asked, said = _with_case(request, asked, said)
    if said.reason or said.come_back_at:
        return _show(request, screen, asked, said)
    if action in {"begin", "send", "paste", "again"} and request.POST.get("website"):
        # Only a robot fills it, or a helpful browser by mistake: the person sends again, nothing is lost.
        return _show(request, screen, asked, replace(said, reason="hidden_field"))
    match action:
        case "begin":
            return _show(request, Screen.CHOOSE, asked, said)
        case "again":
            return _show(request, Screen.CHOOSE, replace(asked, texts=()), said)
        case "send" | "paste":
            return _send(request, asked, said)
        case "show":
            return _show(request, screen, asked, said)
    return _door(request, asked, said)


@public
@require_safe
def saved(request: HttpRequest) -> HttpResponse:
    """The single-file version, to keep and to open without the network. Not shown here, where no page may hold a script."""
    text = hasher.saved(image_words.saved_words(), language=_language())
    answer = HttpResponse(text.encode(), content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="{image_words.saved_name()}.html"'
    return answer


def _with_case(request: HttpRequest, asked: Asked, said: Said) -> tuple[Asked, Said]:
    """The case to which this is added must exist. A wrong code counts as one, here as on the page of cases."""
    if not asked.code:
        return asked, said
    now, network = timezone.now(), network_of(request)
    until = gates.WRONG_CODES.refused_until(network, now=now)
    if until is not None:
        return asked, replace(said, come_back_at=until)
    code = readable(asked.code)
    try:
        if not code:
            raise NoSuchCase("no_such_case")
        queries.case_of(case_keys(CaseCode(code)))
    except NoSuchCase:
        gates.WRONG_CODES.take(network, now=now)
        return replace(asked, code="", ready_code=""), replace(said, reason="case_gone")
    return replace(asked, code=code), said


def _send(request: HttpRequest, asked: Asked, said: Said) -> HttpResponse:
    if asked.age is None:
        return _door(request, asked, replace(said, reason="no_age"))
    now, network = timezone.now(), network_of(request)
    until = gates.PROTECTIONS.refused_until(network, now=now)
    if until is not None:
        return _show(request, Screen.CHOOSE, asked, replace(said, come_back_at=until))
    code = asked.code or asked.ready_code
    try:
        submission = _submission(asked.files(), asked.age, asked)
        receipt = protecting.protect(submission, now=now, code=CaseCode(code) if code else None)
    except SubmissionRefused as refusal:
        return _show(request, Screen.CHOOSE, asked, replace(said, reason=refusal.reason))
    except ProtectionRefused as refusal:
        if refusal.reasons[0] == "case_full":
            asked = replace(asked, code="", ready_code="")
        return _show(request, Screen.CHOOSE, asked, replace(said, reason=refusal.reasons[0]))
    if receipt.added:
        gates.PROTECTIONS.take(network, now=now)
    is_new = not asked.code
    # Sent a second time under a code that was made for this form: the person reads what she would have read the first time.
    count = receipt.added + receipt.known_before if is_new else receipt.added
    return _done(request, replace(asked, code=receipt.code, texts=()), said, count, is_new=is_new)


def _submission(files: tuple[SentFile, ...], age: Age, asked: Asked) -> Submission:
    return Submission(files, age, asked.helper, asked.is_device_shared, _language())


def _show(request: HttpRequest, screen: Screen, asked: Asked, said: Said) -> HttpResponse:
    if screen is Screen.DOOR or asked.age is None:
        if screen is Screen.CHOOSE and not said.reason:
            said = replace(said, reason="no_age")
        return _door(request, asked, said)
    return _choose(request, asked, asked.age, said)


def _door(request: HttpRequest, asked: Asked, said: Said) -> HttpResponse:
    asked = replace(asked, texts=sound(asked.texts))
    retention = settings.REMPART_RETENTION
    context = {
        "carried": asked.carried(Screen.DOOR),
        "ages": asked.ages(),
        "helpers": asked.helpers(),
        "months": round(retention.protection.days / DAYS_OF_MONTH),
        "reach": reach(None),
    }
    return _page(request, "image.html", asked, said, context)


def _choose(request: HttpRequest, asked: Asked, age: Age, said: Said) -> HttpResponse:
    kept = sound(asked.texts)
    asked = replace(asked, texts=kept, ready_code="" if asked.code else asked.ready_code or new_case_code())
    voice = image_words.voice_of(age, asked.helper)
    made = hasher.frame(image_words.frame_words(voice), language=_language())
    context = {
        "carried": asked.carried(Screen.CHOOSE),
        "say": image_words.PAGE[voice],
        "srcdoc": made.srcdoc,
        "kept_count": len(asked.files()) if kept else 0,
        "hours": settings.REMPART_RETENTION.second_thoughts // timedelta(hours=1),
    }
    answer = _page(request, "image_choose.html", asked, said, context)
    for name, value in made.headers.items():
        answer.headers[name] = value
    return answer


def _done(request: HttpRequest, asked: Asked, said: Said, count: int, *, is_new: bool) -> HttpResponse:
    retention = settings.REMPART_RETENTION
    carried = [*asked.carried(Screen.DONE), ("count", str(count)), ("is_new", "1" if is_new else "")]
    context = {
        "carried": carried,
        "code": asked.code,
        "code_groups": code_groups(CaseCode(asked.code)),
        "count": count,
        "is_new": is_new,
        "months": round(retention.protection.days / DAYS_OF_MONTH),
        "reach": reach(asked.age),
    }
    return _page(request, "image_done.html", asked, said, context)


def _done_again(request: HttpRequest, asked: Asked, said: Said, action: str) -> HttpResponse:
    """The last page in the other language, or with the answer to: did the code really reach the paper?"""
    code = readable(asked.code)
    if not code or action not in {"show", "check"}:
        return _door(request, Asked(age=asked.age, helper=asked.helper), said)
    if action == "check":
        typed = request.POST.get("group", "")
        is_right = typed.strip().upper().translate(str.maketrans("OIL", "011")) == code_groups(CaseCode(code))[1]
        said = replace(said, more={"check_said": typed, "check": "right" if is_right else "wrong"})
    given = request.POST.get("count", "")
    count = min(int(given), MOST_PROTECTIONS) if given.isascii() and given.isdecimal() and len(given) < 5 else 0
    return _done(request, replace(asked, code=code, texts=()), said, count, is_new=bool(request.POST.get("is_new")))


def _page(request: HttpRequest, template: str, asked: Asked, said: Said, context: dict[str, Any]) -> HttpResponse:
    shared = {
        "asked": asked,
        "is_young": asked.is_young,
        "is_own": asked.helper is Helper.NOBODY,
        "is_adding": bool(asked.code),
        "reason": said.reason,
        "come_back_at": said.come_back_at,
        "had_file": said.had_file,
        "threats": services.THREATENED,
    }
    answer = page(request, template, {**shared, **context, **said.more}, status=said.status)
    if said.come_back_at is not None:
        answer.headers["Retry-After"] = str(max(1, int((said.come_back_at - timezone.now()).total_seconds())))
    return answer


def _language() -> str:
    return (get_language() or "en")[:2]
