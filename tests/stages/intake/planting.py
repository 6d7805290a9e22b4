"""Plants markers in every field a stranger can fill and brings them through the whole chain.

Run as a program, it does so on a database file of its own and keeps it open, so that a test may read the files as they lie:

    python -m tests.stages.intake.planting     prints the case code, then waits for its standard input to close
"""

from __future__ import annotations

import sys

from rempart.desk.rules.assessment import Decision, Verdict
from rempart.desk.rules.notice import Answer
from rempart.desk.rules.report import AnswerBy, Category, Details, Draft, Source

HOST = "zqhost1marker.bonne-reponse.example"
ACCOUNT = "zqaccount2marker"
UNKNOWN = "zqunknown14marker.example"
MARKERS = {
    "zqhost1marker": "the host",
    "zqunknown14marker": "a host the directory does not know",
    "zqpath3marker": "the path",
    "zqstory4marker": "the story",
    "zqemail5marker": "the e-mail address",
    "zqmessage6marker": "a message of the reporter",
    "zqanswer7marker": "a message of the staff",
    "zqnolink8marker": "what was typed instead of a link",
    "zqnote9marker": "the analyst's note",
    "zqhold10marker": "why an item waits",
    "zqword11marker": "the word with which an item was handed over",
    ACCOUNT: "an account",
    "zqappeal12marker": "an objection",
    "zqreply13marker": "what a recipient wrote",
}


def plant() -> str:
    """One report with everything in it, brought through the whole chain. Returns its code."""
    from rempart.desk.stages.intake import steps, worker
    from rempart.desk.stages.intake.models import Case
    from tests import cast

    now = cast.MONDAY
    cast.full_directory()
    details = Details(
        category=Category.SEXUAL_BLACKMAIL, story="zqstory4marker", answer_by=AnswerBy.EMAIL, email="zqemail5marker@b.example"
    )
    addresses = f"https://{HOST}/zqpath3marker @{ACCOUNT} sur Instagram"
    receipt = steps.receive_report(Draft(addresses, "fr", details=details), now=now)
    steps.receive_report(Draft("zqnolink8marker", "fr", has_no_link=True), now=now)
    steps.write_to_hotline(cast.keys_of(receipt), "zqmessage6marker", now=now)
    steps.write_to_reporter(Case.objects.order_by("pk")[0], "zqanswer7marker", by=1, now=now)
    worker.work(now=now)
    cast.assessed(cast.ready_item(f"https://{UNKNOWN}/"))
    follow(cast.items_of(receipt)[0].pk)
    assert receipt.code is not None
    return receipt.code


def follow(item_id: int) -> None:
    """Triage, notice, answer of the recipient, removal, objection."""
    from rempart.desk.stages.followup.replying import Said, Through, record_reply
    from rempart.desk.stages.intake.models import Item
    from rempart.desk.stages.intake.steps import receive_appeal
    from rempart.desk.stages.triage import claims
    from rempart.desk.stages.triage.settling import settle
    from rempart.desk.stages.triage.steps import assess
    from tests import cast
    from tests.stages.followup.story import GONE, Story

    item, now = Item.objects.get(pk=item_id), cast.MONDAY
    camille, idris = cast.camille(), cast.idris()
    claims.claim(item, camille, now=now)
    claims.hold(item, camille, "zqhold10marker", now, now=now)
    claims.let_go(item, camille, now=now)
    claims.claim(item, camille, now=now)
    claims.hand_over(item, camille, idris, "zqword11marker", now=now)
    assess(item, idris, Decision(Verdict.ILLEGAL_IN_FIELD, cast.BASELINE, note="zqnote9marker"), now=now)
    story = Story()
    settle(now=story.clock.later(minutes=5))
    (notice,) = story.send()
    said = Said(Answer.WRONG_ADDRESS, words="zqreply13marker")
    record_reply(notice, item, said, through=Through.RECIPIENT, now=story.clock.now)
    story.world.default = GONE
    story.passes(hours=3)
    receive_appeal(item, "zqappeal12marker", source=Source.PLATFORM, now=story.clock.now)


def main() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, skip_checks=True)
    sys.stdout.write(f"{plant()}\n")
    sys.stdout.flush()
    # The process that closes a database last folds its write-ahead log away: stay until it was read.
    sys.stdin.read()


if __name__ == "__main__":
    main()
