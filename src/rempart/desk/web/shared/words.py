"""The words for every value of the rules, in the reader's language: one table, so that every page says the same thing."""

from enum import Enum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rempart.desk.registers.directory.models import Channel, RecipientKind
from rempart.desk.rules.access import Role
from rempart.desk.rules.assessment import Reading, SecondReason, Verdict
from rempart.desk.rules.duties import DutyKind, Failure, Outcome
from rempart.desk.rules.grading import Act, AgeGroup, Commerciality, ContentCategory, Gender, MediaType, Virtual
from rempart.desk.rules.lifecycle import Closing, State
from rempart.desk.rules.lists import ListName
from rempart.desk.rules.locator import LocatorKind
from rempart.desk.rules.notice import Answer, Seen
from rempart.desk.rules.queue import Band
from rempart.desk.rules.report import AgeBand, AnswerBy, Category, Concerns, DangerNow, ReportKind, Source

Words = str | Promise

_REPORT: dict[type[Enum], dict[Any, Words]] = {
    Source: {
        Source.PUBLIC_FORM: _("Public form"),
        Source.PARTNER_HOTLINE: _("Partner hotline"),
        Source.PLATFORM: _("Platform"),
        Source.AUTHORITY: _("Authority"),
        Source.STAFF: _("Our team"),
        Source.RELAPSE: _("Came back after removal"),
    },
    ReportKind: {
        ReportKind.REPORT: pgettext_lazy("kind of report", "Report"),
        ReportKind.APPEAL: _("Objection"),
        ReportKind.RELAPSE: _("Came back"),
    },
    Category: {
        Category.CHILD_ABUSE_IMAGES: _("Sexual images or videos of a child"),
        Category.INTIMATE_IMAGE_SHARED: _("Intimate images shared without agreement"),
        Category.SEXUAL_BLACKMAIL: _("Blackmail with intimate images"),
        Category.GROOMING: _("An adult who approaches a child in a sexual way"),
        Category.EXPLOITATION_ADVERT: _("An advert that offers a young person for sex"),
        Category.PORNOGRAPHY_SEEN_BY_MINORS: _("Pornography that children can see"),
        Category.HARASSMENT: _("Harassment"),
        Category.SUICIDE_PROVOCATION: _("Someone pushed towards suicide"),
        Category.HATE_OR_VIOLENCE: _("Hate or violence"),
        Category.OTHER: _("Something else"),
        Category.NOT_SAID: pgettext_lazy("kind of content", "Not said"),
    },
    Concerns: {
        Concerns.ME: _("Me"),
        Concerns.CHILD_I_KNOW: _("A child I know"),
        Concerns.UNKNOWN_PERSON: _("Someone I do not know"),
        Concerns.NOT_SAID: pgettext_lazy("person concerned", "Not said"),
    },
    AgeBand: {
        AgeBand.UNDER_13: _("Under 13"),
        AgeBand.FROM_13_TO_14: _("13 or 14"),
        AgeBand.FROM_15_TO_17: _("15 to 17"),
        AgeBand.ADULT: _("18 or over"),
        AgeBand.NOT_SAID: pgettext_lazy("age", "Not said"),
    },
    DangerNow: {
        DangerNow.YES: pgettext_lazy("danger now", "Yes"),
        DangerNow.NO: pgettext_lazy("danger now", "No"),
        DangerNow.NOT_SAID: pgettext_lazy("danger now", "Not said"),
    },
    AnswerBy: {
        AnswerBy.NOTHING: _("No answer wanted"),
        AnswerBy.CASE_PAGE: _("On the case page"),
        AnswerBy.EMAIL: _("By e-mail"),
    },
    LocatorKind: {
        LocatorKind.URL: _("Web address"),
        LocatorKind.ACCOUNT: _("Account"),
        LocatorKind.PHONE: _("Phone number"),
        LocatorKind.ADVERT: _("Advert"),
        LocatorKind.NO_LINK: _("Without a link"),
    },
}

_READING: dict[type[Enum], dict[Any, Words]] = {
    State: {
        State.RECEIVED: _("Received"),
        State.READY: _("To read"),
        State.SECOND_READING: _("Second reading"),
        State.ARBITRATION: _("To settle between two readings"),
        State.ASSESSED: _("Decided"),
        State.FOLLOWED: _("Followed up"),
        State.CLOSED: _("Closed"),
    },
    Closing: {
        Closing.REMOVED: _("Removed after our notice"),
        Closing.ALREADY_GONE: _("Gone before our notice"),
        Closing.REFUSED: _("Not removed: refused or no answer"),
        Closing.HANDED_TO_AUTHORITY: _("Handed to the authorities"),
        Closing.HANDED_TO_PARTNER: _("Handed to a partner hotline"),
        Closing.NO_ACTION: _("No action"),
        Closing.HELP_GIVEN: _("Help offered"),
    },
    Verdict: {
        Verdict.ILLEGAL_IN_FIELD: _("Illegal, in our field"),
        Verdict.ILLEGAL_OUTSIDE_FIELD: _("Illegal, outside our field"),
        Verdict.HARMFUL_BUT_LAWFUL: _("Harmful but lawful"),
        Verdict.NOT_FOUND: _("Not found"),
        Verdict.LAWFUL_HELP_NEEDED: _("Lawful, but somebody needs help"),
    },
    Reading: {
        Reading.FIRST: _("First reading"),
        Reading.SECOND: _("Second reading"),
        Reading.ARBITRATION: _("Decision between two readings"),
    },
    SecondReason: {
        SecondReason.ASKED: _("The first reader asked for it"),
        SecondReason.VIRTUAL_UNCLEAR: _("Real or made by a machine: not clear"),
        SecondReason.CONTRADICTS_PERSON_CONCERNED: _("Lawful, against the word of the person concerned"),
        SecondReason.NATIONAL_LIMIT: _("Illegal by national law only"),
        SecondReason.SAMPLE: _("Drawn for a check"),
    },
    Band: {
        Band.DANGER_NOW: _("Danger now"),
        Band.PERSON_CONCERNED: _("The person concerned or somebody close"),
        Band.YOUNG_CHILD: _("Child under 13"),
        Band.CHILD_ABUSE: _("Child"),
        Band.OTHER: pgettext_lazy("priority", "Other"),
    },
    Role: {
        Role.ANALYST: _("Analyst"),
        Role.SUPERVISOR: _("Supervisor"),
        Role.ADMINISTRATOR: _("Administrator"),
        Role.AUDITOR: _("Auditor"),
    },
}

_ACTION: dict[type[Enum], dict[Any, Words]] = {
    DutyKind: {
        DutyKind.NOTICE: _("Notice to the platform or host"),
        DutyKind.AUTHORITY: _("Dossier for the authority"),
        DutyKind.PARTNER: _("Hand-over to a partner hotline"),
        DutyKind.REFERRAL: _("Tell who can help"),
        DutyKind.ANSWER: _("Answer the reporter"),
        DutyKind.SUPERVISION: _("Decision by a supervisor"),
    },
    Outcome: {
        Outcome.SENT: _("Sent"),
        Outcome.ALREADY_GONE: _("Already gone: nothing was sent"),
        Outcome.HANDED_OVER: _("Handed over by a person"),
        Outcome.ANSWERED: _("Answered on the case page"),
        Outcome.ANSWERED_AND_TOLD: _("Answered on the case page, and told by e-mail"),
        Outcome.ANSWERED_NOT_TOLD: _("Answered on the case page; the e-mail did not arrive"),
        Outcome.NO_ANSWER_WANTED: pgettext_lazy("outcome of a duty", "No answer wanted"),
        Outcome.NO_CASE: _("Nobody has a case page for it"),
        Outcome.CASE_ERASED: _("The reporter erased the case"),
        Outcome.CLEARED: _("Closed by a person, with a reason"),
    },
    Failure: {
        Failure.NO_CONTACT: _("No approved contact yet"),
        Failure.NO_OUTLET: _("Only a person can reach this recipient"),
        Failure.NOT_SENT: _("Could not be sent"),
        Failure.REFUSED: _("Refused by their mail server"),
        Failure.IN_DOUBT: _("Perhaps sent, perhaps not: check"),
        Failure.LADDER_USED_UP: _("Everybody refused or stayed silent"),
        Failure.NEED_MORE: _("The recipient asks us for more"),
        Failure.WRONG_ADDRESS: _("The recipient says it is not theirs"),
        Failure.CANNOT_LOOK: _("Said to be removed: a person looks"),
    },
    Answer: {
        Answer.REMOVED: pgettext_lazy("answer to a notice", "Removed"),
        Answer.REFUSED: pgettext_lazy("answer to a notice", "Refused"),
        Answer.NEED_MORE: _("Needs more from us"),
        Answer.WRONG_ADDRESS: _("Not the right recipient"),
    },
    Seen: {
        Seen.ONLINE: _("Still online"),
        Seen.MISSING: _("No longer there"),
        Seen.UNCLEAR: _("Not clear"),
        Seen.MOVED: _("Moved to another site"),
        Seen.UNREACHABLE_BY_RULE: _("Cannot be looked at by software"),
    },
    RecipientKind: {
        RecipientKind.PLATFORM: _("Platform"),
        RecipientKind.HOST: _("Host"),
        RecipientKind.SITE_OWNER: _("Site owner"),
        RecipientKind.POLICE: _("Police"),
        RecipientKind.PARTNER_HOTLINE: _("Partner hotline"),
        RecipientKind.HELP_SERVICE: _("Help service"),
    },
    Channel: {
        Channel.EMAIL: _("E-mail"),
        Channel.WEB_FORM: _("Web form"),
        Channel.PHONE: _("Phone"),
        Channel.SMS: _("Text message"),
        Channel.POST: _("Letter"),
    },
}

_GRADING: dict[type[Enum], dict[Any, Words]] = {
    ContentCategory: {
        ContentCategory.CSAM_BASELINE: _("Child sexual abuse material, illegal everywhere"),
        ContentCategory.CSAM_NATIONAL: _("Child sexual abuse material, illegal by national law"),
        ContentCategory.CHILD_GROOMING: _("Grooming of a child"),
        ContentCategory.CHILD_SEXUAL_EXTORTION: _("Sexual extortion of a child"),
        ContentCategory.CHILD_IN_PROSTITUTION: _("Exploitation of a child in prostitution"),
        ContentCategory.PORNOGRAPHY_OPEN_TO_MINORS: _("Pornography within reach of minors"),
        ContentCategory.ADULT_INTIMATE_IMAGE: _("Intimate images of an adult, shared without agreement"),
        ContentCategory.ADULT_SEXUAL_DEEPFAKE: _("Sexual deepfake of an adult"),
        ContentCategory.HARASSMENT_OF_MINOR: _("Harassment of a minor"),
        ContentCategory.PROVOCATION_TO_SUICIDE: _("Provocation to suicide"),
        ContentCategory.SEXUALISED_NOT_ILLEGAL: _("Sexualised pictures of a child, not illegal"),
        ContentCategory.TERRORISM: _("Terrorism"),
        ContentCategory.OTHER_ILLEGAL: _("Other illegal content"),
        ContentCategory.NONE: pgettext_lazy("category of content", "None"),
    },
    AgeGroup: {
        AgeGroup.NOT_DETERMINED: pgettext_lazy("age group", "Not determined"),
        AgeGroup.INFANT: _("Infant"),
        AgeGroup.PRE_PUBESCENT: _("Before puberty"),
        AgeGroup.PUBESCENT: _("At puberty"),
        AgeGroup.ADULT: _("Adult"),
    },
    Gender: {
        Gender.NOT_DETERMINED: pgettext_lazy("gender", "Not determined"),
        Gender.FEMALE: _("Girl or woman"),
        Gender.MALE: _("Boy or man"),
        Gender.BOTH: _("Both"),
    },
    Act: {
        Act.SEX_ACT: _("Sexual act"),
        Act.LASCIVIOUS: _("Sexualised pose or display"),
        Act.NONE: pgettext_lazy("act", "None"),
        Act.UNKNOWN: pgettext_lazy("act", "Not known"),
    },
    Virtual: {
        Virtual.REAL: _("Real"),
        Virtual.COMPUTER_GENERATED: _("Made by a computer"),
        Virtual.DRAWN: _("Drawn"),
        Virtual.UNKNOWN: pgettext_lazy("real or not", "Not known"),
    },
    Commerciality: {
        Commerciality.NOT_DETERMINED: pgettext_lazy("commercial or not", "Not determined"),
        Commerciality.COMMERCIAL: _("Commercial"),
        Commerciality.NON_COMMERCIAL: _("Not commercial"),
    },
    MediaType: {
        MediaType.IMAGE: _("Picture"),
        MediaType.VIDEO: _("Video"),
        MediaType.TEXT: _("Text"),
        MediaType.AUDIO: _("Sound"),
        MediaType.LIVE: _("Live"),
        MediaType.OTHER: pgettext_lazy("kind of media", "Other"),
    },
}

_LISTS: dict[type[Enum], dict[Any, Words]] = {
    ListName: {
        ListName.MINORS: pgettext_lazy("list", "People under 18"),
        ListName.ADULTS: pgettext_lazy("list", "Adults"),
    },
}

# By enumeration first: members of two string enumerations may be equal ("not_said"), their words are not.
WORDS: dict[type[Enum], dict[Any, Words]] = {**_REPORT, **_READING, **_ACTION, **_GRADING, **_LISTS}
_BY_NAME = {kind.__name__: kind for kind in WORDS}


def words_for(member: Enum) -> Words:
    """The label of one value of the rules."""
    return WORDS[type(member)][member]


def words_of(kind: str, value: Any) -> Words:
    """The label of a value as a row keeps it: ``words_of("State", "ready")``. Empty for an empty value."""
    if value is None or value == "":
        return ""
    enumeration = _BY_NAME[kind]
    return words_for(enumeration(value))


def choices(kind: type[Enum]) -> list[tuple[Any, Words]]:
    """Value and label of each member, in the order of the rules, for a form field."""
    return [(member.value, words_for(member)) for member in kind]
