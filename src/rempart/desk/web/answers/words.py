"""The words of the answer page: a recipient speaks here, so "removed" is "we removed it"."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rempart.desk.rules.notice import Answer
from rempart.desk.rules.statement import Account, Automation, Ground, Visibility

Words = str | Promise

ANSWERS: dict[Answer, Words] = {
    Answer.REMOVED: _("We removed it"),
    Answer.REFUSED: _("We will not remove it"),
    Answer.NEED_MORE: _("We need more from you"),
    Answer.WRONG_ADDRESS: _("It is not ours, or not for this address"),
}

ANSWER_HINTS: dict[Answer, Words] = {
    Answer.REMOVED: _("Deleted, or nobody can reach it any more. We look for ourselves, then close."),
    Answer.REFUSED: _("Please say why below."),
    Answer.NEED_MORE: _("Please say what is missing below. A person answers you."),
    Answer.WRONG_ADDRESS: _("Please tell us below whom to write to, if you know."),
}

REMOVALS: dict[Visibility, Words] = {
    Visibility.REMOVED: _("Deleted"),
    Visibility.DISABLED: _("Made unreachable, not deleted"),
}

LESSER: dict[Visibility, Words] = {
    Visibility.DEMOTED: _("Shown less"),
    Visibility.AGE_RESTRICTED: _("For adults only"),
    Visibility.INTERACTION_RESTRICTED: _("No comments or sharing any more"),
    Visibility.LABELLED: _("Marked with a warning"),
    Visibility.OTHER: pgettext_lazy("restriction", "Something else"),
}

ACCOUNTS: dict[Account, Words] = {
    Account.SUSPENDED: _("Suspended"),
    Account.TERMINATED: pgettext_lazy("account", "Closed for good"),
}

GROUNDS: dict[Ground, Words] = {
    Ground.ILLEGAL: _("It is against the law, but we chose a lesser measure"),
    Ground.INCOMPATIBLE: _("It is against our terms, not against the law"),
}

AUTOMATIONS: dict[Automation, Words] = {
    Automation.NOT_AUTOMATED: _("A person decided"),
    Automation.PARTIALLY: _("A person, helped by software"),
    Automation.FULLY: _("Software alone"),
}

PROBLEMS: dict[str, Words] = {
    "nothing_said": _("Choose an answer, for all addresses or for one of them."),
    "too_long": _("The explanation is too long: 2,000 signs at most."),
    "ground_too_long": _("The law or the clause is too long: 500 signs at most."),
    "email_unreadable": _("We cannot read this e-mail address. It looks like name@site.example."),
    "reason_missing": _("Please say in a few words why you will not remove it, or what you need from us."),
    "too_many": _("Many answers came from your network in the last hour. Nothing is lost: send again a little later."),
}
