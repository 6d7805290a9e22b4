"""What each figure means, in a sentence. A figure without one cannot be made."""

from dataclasses import dataclass

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LANGUAGES = ("fr", "en")


@dataclass(frozen=True, slots=True)
class Definition:
    """The title, the sentence that says what is counted and how, and the tables the numbers come from."""

    title: Promise | str
    sentence: Promise | str
    source: str

    def title_in_both(self) -> dict[str, str]:
        """The title by language."""
        return _in_both(self.title)

    def sentence_in_both(self) -> dict[str, str]:
        """The sentence by language."""
        return _in_both(self.sentence)


def _in_both(words: Promise | str) -> dict[str, str]:
    found = {}
    for language in LANGUAGES:
        with translation.override(language):
            found[language] = str(words)
    return found


DEFINITIONS: dict[str, Definition] = {
    # What arrived.
    "reports_received": Definition(
        _("Reports received"),
        _("Reports written down in the period. One report is what one person or partner sent at one time; it may name several "
          "addresses. Relapses seen by the desk itself and objections are counted apart."),
        "Report",
    ),
    "reports_by_category": Definition(
        _("Reports by what the reporter believed"),
        _("Reports received in the period, by the category the reporter chose. It is not the analysts' decision."),
        "Report.category",
    ),
    "reports_by_source": Definition(
        _("Reports by the way they came"),
        _("Reports received in the period, by the way they reached the desk."),
        "Report.source",
    ),
    "reports_by_month": Definition(
        _("Reports by month"),
        _("Reports received in the period, by calendar month in the time zone of the desk."),
        "Report.received_at",
    ),
    "reports_answered": Definition(
        _("Reports answered"),
        _("Reports whose answer was carried out in the period, whenever they were received. A reporter who asked for no answer "
          "counts as answered once every address is decided."),
        "Report.answered_at",
    ),
    "relapses_and_objections": Definition(
        _("Relapses and objections"),
        _("Items opened in the period because removed content came back, or because somebody objected to a decision."),
        "Report.kind",
    ),
    "items_received": Definition(
        _("Items received"),
        _("Things to decide on that reports received in the period brought. The same address sent by two people makes two "
          "items."),
        "Item",
    ),
    "addresses_reported": Definition(
        _("Different addresses reported"),
        _("Different addresses among the items received in the period; each is counted once, however often it was sent."),
        "Item.address",
    ),
    "addresses_new": Definition(
        _("Addresses never seen before"),
        _("Addresses that reached the desk for the first time in the period."),
        "Address.first_seen_at",
    ),
    # What was decided.
    "items_by_verdict": Definition(
        _("Items by outcome"),
        _("Items decided in the period, by the final decision. An item decided twice is counted under the decision that stands."),
        "Assessment.verdict",
    ),
    "items_by_content": Definition(
        _("Illegal items by type of content"),
        _("Items decided in the period as illegal in our field, by the type of content the analysts established."),
        "Assessment.grading",
    ),
    "addresses_by_verdict": Definition(
        _("Different addresses by outcome"),
        _("Different addresses among the items decided in the period, by final decision. An address decided again in the period "
          "with another outcome is counted under each."),
        "Assessment.verdict, Item.address",
    ),
    "items_by_closing": Definition(
        _("Items closed, by reason"),
        _("Items closed in the period, by the reason of the closing."),
        "Item.closing",
    ),
    # What was done.
    "notices_by_recipient": Definition(
        _("Notices sent, by recipient"),
        _("Notices sent in the period to platforms and hosts. One notice may name several addresses; reminders are not counted."),
        "Notice.sent_at",
    ),
    "addresses_by_recipient": Definition(
        _("Addresses notified, by recipient"),
        _("Different addresses named in the notices sent in the period, for each recipient. Reminders are not counted."),
        "NoticedItem",
    ),
    "duties_by_kind": Definition(
        _("Duties done, by kind"),
        _("Duties carried out in the period: notices, dossiers to the authorities, hand-overs to partner hotlines, answers."),
        "Duty.done_at",
    ),
    # How long it took.
    "delay_to_decision": Definition(
        _("Hours to the decision"),
        _("Hours from the reception of an item to its final decision, for the items decided in the period. Half took no longer "
          "than the median; nine in ten no longer than the 90th percentile."),
        "Item.received_at, Item.assessed_at",
    ),
    "delay_to_notice": Definition(
        _("Hours to the notice"),
        _("Hours from the final decision to the sending of the first notice that names the address, for the notices sent in the "
          "period."),
        "Item.assessed_at, Notice.sent_at",
    ),
    "delay_to_reply": Definition(
        _("Hours to the first reply"),
        _("Hours from the sending of a notice to the first reply of its recipient about an address, for the replies that arrived "
          "in the period."),
        "Notice.sent_at, Reply.at",
    ),
    "delay_to_removal": Definition(
        _("Hours to the removal"),
        _("Hours from the sending of the first notice to the moment we saw the address gone, three looks in a row, for the "
          "addresses seen gone in the period."),
        "Notice.sent_at, Watch.gone_at",
    ),
    "delay_to_answer": Definition(
        _("Hours to the answer to the reporter"),
        _("Hours from the reception of a report to its answer, for the reports answered in the period."),
        "Report.received_at, Report.answered_at",
    ),
    "delay_to_removal_by_recipient": Definition(
        _("Hours to the removal, by recipient"),
        _("Hours from the first notice to the moment we saw the address gone, by recipient of that notice, for the addresses "
          "seen gone in the period."),
        "Notice.sent_at, Watch.gone_at",
    ),
    # What was protected.
    "protections_declared": Definition(
        _("Pictures and videos protected"),
        _("Protections declared in the period on “protect my image”. One protection is one picture or video of one person; the "
          "same file protected under two codes makes two."),
        "Protection.declared_at",
    ),
    "protections_by_month": Definition(
        _("Protections by month"),
        _("Protections declared in the period, by calendar month in the time zone of the desk."),
        "Protection.declared_at",
    ),
    "protections_by_age": Definition(
        _("Protections by age of the person"),
        _("Protections declared in the period, by the age given for the person in the picture. Nobody checks it."),
        "Protection.age",
    ),
    "protections_by_kind": Definition(
        _("Protections by kind"),
        _("Protections declared in the period: pictures and videos."),
        "Protection.kind",
    ),
    "doubts_and_confirmations": Definition(
        _("Doubts about protections, and confirmations"),
        _("Doubts raised, by the desk itself or by an analyst, doubts lifted, and confirmations by an analyst, in the period. "
          "Nobody here sees the picture."),
        "TrustFact",
    ),
    "protections_disputed": Definition(
        _("Protections disputed"),
        _("Protections that several platforms, having looked, did not block, counted when the platforms agreed in the period."),
        "TrustFact",
    ),
    "protections_overturned": Definition(
        _("Protections confirmed after a dispute"),
        _("Disputed protections that an analyst, or several platforms, confirmed in the period."),
        "TrustFact",
    ),
    "protections_ended": Definition(
        _("Protections ended"),
        _("Protections that the person took back, or that nobody renewed, in the period."),
        "Protection.ended_at",
    ),
    "matches_told": Definition(
        _("Matches told by platforms"),
        _("Uploads that platforms told us, in the period, matched a protection. A match is never evidence against anybody."),
        "Entry.detail",
    ),
    "delay_to_first_match": Definition(
        _("Hours to the first match"),
        _("Hours from the declaration of a protection to the first match a platform told of, for the protections first told of "
          "in the period."),
        "Protection.declared_at, Feedback.first_match_at",
    ),
    "protections_standing": Definition(
        _("Protections that stand now"),
        _("Protections that protect at the moment the figure is made, by how far they are trusted, whatever the period."),
        "Protection.trust",
    ),
    # How sure we are.
    "second_reading_agreement": Definition(
        _("Second readings that agree"),
        _("Share of the second readings settled in the period that came, without seeing the first, to the same decision and the "
          "same type of content."),
        "Assessment.reading",
    ),
    "refused_notices": Definition(
        _("Notified addresses refused"),
        _("Share of the addresses on which a recipient replied in the period for which its first reply was a refusal."),
        "Reply.answer",
    ),
    "overturned_decisions": Definition(
        _("Decisions overturned"),
        _("Share of the objections decided in the period after which the address was no longer held illegal in our field."),
        "Report.kind, Assessment.verdict",
    ),
    # Where things stand now.
    "open_items": Definition(
        _("Open items now"),
        _("Items not closed at the moment the figure is made, by where they stand, whatever the period."),
        "Item.state",
    ),
    "late_items": Definition(
        _("Items waiting for a reading, and late"),
        _("Items that wait for a reading at the moment the figure is made and whose target delay is over, by priority."),
        "Item.due_at",
    ),
    "red_duties": Definition(
        _("Duties in red now"),
        _("Duties that failed and wait for a person at the moment the figure is made, by kind."),
        "Duty.failed_at",
    ),
}  # fmt: skip


def definition_of(name: str) -> Definition:
    """The definition of the figure of that name."""
    return DEFINITIONS[name]
