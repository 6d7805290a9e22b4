"""The acts of the journal, and why duties fail, in words."""

from django.utils.translation import gettext_lazy as _

from rempart.desk.rules.duties import Failure, Outcome
from rempart.desk.web.shared.words import Words

VERBS: dict[str, Words] = {
    # Intake.
    "received": _("Received"),
    "details_added": _("The reporter said more"),
    "addresses_added": _("The reporter added addresses"),
    "message_received": _("The reporter wrote"),
    "message_sent": _("We wrote to the reporter"),
    "messages_read": _("Messages of the reporter read"),
    "case_erased": _("The reporter erased the case"),
    "appeal": _("Objection received"),
    "relapse": _("Came back after removal"),
    # Protections.
    "protected": _("Pictures protected"),
    "withdrawal_asked": _("The person asked to withdraw"),
    "withdrawal_cancelled": _("The person kept the protection"),
    "protection_withdrawn": _("Protection withdrawn"),
    "renewal_asked": _("The person was asked whether to keep protecting"),
    "protections_renewed": _("Protections renewed"),
    "protection_expired": _("Protection expired"),
    "vouched": _("Protection confirmed by an analyst"),
    "alarm_raised": _("Protection to be looked at by a person"),
    "alarm_cleared": _("Doubt about a protection lifted"),
    "feedback_noted": _("A platform told what it did with a match"),
    # Triage.
    "claimed": _("Taken"),
    "released": _("Put back in the queue"),
    "held": _("Put on hold"),
    "hold_ended": _("Taken off hold"),
    "handed_over": _("Handed over to a colleague"),
    "words_read": _("Words of the reporters read"),
    "address_copied": _("Live address copied"),
    "assessed": _("Assessed"),
    "undone": _("Assessment undone"),
    "settled": _("Assessment became final"),
    "joined": _("Joined a decision already made"),
    # Action.
    "duties_filed": _("Duties filed"),
    "answered": _("Reporter answered"),
    "notice_sent": _("Notice sent"),
    "notice_cancelled": _("Notice cancelled"),
    "dossier_prepared": _("Dossier prepared"),
    "dossier_read": _("Dossier read"),
    "dossier_sent": _("Dossier handed over"),
    "duty_done": _("Duty done"),
    "notice_delayed": _("Notice delayed: another try follows"),
    "notice_reddened": _("Notice could not be sent"),
    "notice_sent_again": _("Notice to be sent again"),
    "sent_by_hand": _("Recipient told by a person"),
    "reddened": _("Duty could not be carried out"),
    "retried": _("Duty to be tried again"),
    "tried_again": _("Tried again"),
    "cleared": _("Red duty cleared by a person"),
    # Follow-up.
    "watched": _("Address watched"),
    "watch_ended": _("Address no longer watched"),
    "seen_gone": _("Seen gone"),
    "seen_again": _("Seen again"),
    "closed_unremoved": _("Closed without removal"),
    "question_withdrawn": _("Question to a supervisor withdrawn"),
    "address_forgotten": _("Address forgotten"),
    "words_forgotten": _("Words of the reporter forgotten"),
    "followed": _("Follow-up began"),
    "closed": _("Closed"),
    "supervisor_asked": _("A supervisor was asked to decide"),
    "replied": _("The recipient replied"),
    "reminder_filed": _("Reminder filed"),
    "escalation_filed": _("Next recipient to be told"),
    # Directory.
    "site_added": _("Owner of an unknown site added"),
    "recipient_added": _("Recipient added"),
    "recipient_changed": _("Recipient changed"),
    "domain_added": _("Domain added"),
    "domain_removed": _("Domain removed"),
    "contact_added": _("Contact added"),
    "contact_approved": _("Contact approved"),
    "contact_retired": _("Contact retired"),
    # Platforms that read the lists.
    "client_issued": _("A platform may read lists"),
    "client_changed": _("What a platform may read changed"),
    "client_rotated": _("Secret of a platform changed"),
    "client_revoked": _("A platform may no longer read lists"),
    "webhook_pointed": _("Address where a platform is told of changes set"),
    "webhook_removed": _("Address where a platform is told of changes removed"),
    "webhook_rotated": _("Secret of a platform's webhook changed"),
    "webhook_tested": _("Test event asked for"),
    "webhook_started_again": _("Telling a platform of changes started again"),
    "webhook_stopped": _("A platform is no longer told of changes: its address does not take them"),
    "list_read": _("A platform read a list"),
    "uploads_asked": _("A platform asked about uploads; some matched"),
    "canary_touched": _("A platform asked or voted about a canary"),
    "leak_traced": _("A leaked file traced"),
    # People.
    "person_created": _("Account made"),
    "person_deactivated": _("Account stopped"),
    "person_reactivated": _("Account opened again"),
    "role_changed": _("Role changed"),
    "password_changed": _("Password changed"),
    "language_chosen": _("Language chosen"),
    "shortcuts_set": _("Keys switched on or off"),
    "second_factor_enrolled": _("Second factor enrolled"),
    "second_factor_reset": _("Second factor reset"),
    "recovery_codes_renewed": _("Recovery codes renewed"),
    "recovery_code_used": _("Recovery code used"),
    "signed_in": _("Signed in"),
    "sign_in_failed": _("Sign-in failed"),
    "signed_out": _("Signed out"),
    "session_ended": _("Session ended by itself"),
}

FAILURES: dict[Failure, Words] = {
    Failure.NO_CONTACT: _("no approved contact"),
    Failure.NO_OUTLET: _("only a person can reach this recipient"),
    Failure.NOT_SENT: _("could not be sent"),
    Failure.REFUSED: _("refused by the mail server"),
    Failure.IN_DOUBT: _("perhaps sent, perhaps not"),
    Failure.LADDER_USED_UP: _("every recipient refused or stayed silent"),
    Failure.NEED_MORE: _("the recipient asks for more"),
    Failure.WRONG_ADDRESS: _("the recipient says it is not the right one"),
    Failure.CANNOT_LOOK: _("said to be removed; a person must look"),
}

OUTCOMES: dict[Outcome, Words] = {
    Outcome.SENT: _("sent"),
    Outcome.ALREADY_GONE: _("already gone"),
    Outcome.HANDED_OVER: _("handed over by a person"),
    Outcome.ANSWERED: _("answered on the case page"),
    Outcome.ANSWERED_AND_TOLD: _("answered, and told by e-mail"),
    Outcome.ANSWERED_NOT_TOLD: _("answered; the e-mail did not go through"),
    Outcome.NO_ANSWER_WANTED: _("no answer wanted"),
    Outcome.NO_CASE: _("nobody to answer"),
    Outcome.CASE_ERASED: _("the reporter erased the case"),
    Outcome.CLEARED: _("cleared by a person"),
}


def verb_words(verb: str) -> Words:
    """An act in words; the bare word of the code when it has none yet."""
    return VERBS.get(verb, verb.replace("_", " "))


def failure_words(failure: str) -> Words:
    """Why a duty is red, in words."""
    return FAILURES[Failure(failure)] if failure else ""


def outcome_words(outcome: str) -> Words:
    """How a duty ended, in words."""
    return OUTCOMES[Outcome(outcome)] if outcome else ""
