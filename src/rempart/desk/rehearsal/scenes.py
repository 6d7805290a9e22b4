"""The invented past: who reported what, what was decided, what the hosts did. A table, oldest first."""

from dataclasses import dataclass, replace
from enum import StrEnum

from rempart.desk.rules.assessment import Decision, Verdict
from rempart.desk.rules.classification import Act, AgeGroup, Commerciality, ContentCategory, Gender, Grading, MediaType, Virtual
from rempart.desk.rules.report import AgeBand, Category, Concerns, DangerNow

_REAL_IMAGE = Grading(
    ContentCategory.CSAM_BASELINE, virtual=Virtual.REAL, media=MediaType.IMAGE, commercial=Commerciality.NON_COMMERCIAL
)
GRADINGS = {
    "baseline": replace(
        _REAL_IMAGE, age=AgeGroup.PRE_PUBESCENT, gender=Gender.FEMALE, act=Act.LASCIVIOUS, self_generated=False
    ),
    "self_made": replace(
        _REAL_IMAGE, category=ContentCategory.CSAM_NATIONAL, age=AgeGroup.PUBESCENT, gender=Gender.FEMALE, act=Act.LASCIVIOUS,
        self_generated=True,
    ),
    "generated": Grading(
        ContentCategory.CSAM_NATIONAL, AgeGroup.PRE_PUBESCENT, Gender.MALE, Act.LASCIVIOUS,
        virtual=Virtual.COMPUTER_GENERATED, media=MediaType.IMAGE,
    ),
    "intimate": replace(
        _REAL_IMAGE, category=ContentCategory.ADULT_INTIMATE_IMAGE, age=AgeGroup.ADULT, gender=Gender.FEMALE
    ),
    "grooming": Grading(
        ContentCategory.CHILD_GROOMING, AgeGroup.PUBESCENT, Gender.MALE, Act.NONE, virtual=Virtual.REAL, media=MediaType.TEXT
    ),
    "blackmail": Grading(
        ContentCategory.CHILD_SEXUAL_EXTORTION, AgeGroup.PUBESCENT, Gender.MALE, Act.NONE, virtual=Virtual.REAL,
        media=MediaType.TEXT,
    ),
    "advert": Grading(
        ContentCategory.CHILD_IN_PROSTITUTION, AgeGroup.PUBESCENT, Gender.FEMALE, Act.NONE, virtual=Virtual.REAL,
        commercial=Commerciality.COMMERCIAL, media=MediaType.TEXT,
    ),
}  # fmt: skip

DECISIONS = {
    **{name: Decision(Verdict.ILLEGAL_IN_FIELD, grading) for name, grading in GRADINGS.items()},
    "police_first": Decision(Verdict.ILLEGAL_IN_FIELD, GRADINGS["advert"], is_police_first=True),
    "elsewhere": Decision(Verdict.ILLEGAL_OUTSIDE_FIELD),
    "lawful": Decision(Verdict.HARMFUL_BUT_LAWFUL),
    "nothing": Decision(Verdict.NOT_FOUND),
    "help": Decision(Verdict.LAWFUL_HELP_NEEDED),
}


class Then(StrEnum):
    """What the host did once it had the notice."""

    NOTHING = ""
    REMOVES = "remove"
    REFUSES = "refuse"
    MOVES = "move"


@dataclass(frozen=True, slots=True)
class Scene:
    """One report. ``decision`` is empty for those still in the queue; delays are in hours."""

    hours_ago: float
    pages: str
    category: Category
    decision: str = ""
    decided_after: float = 3
    then: Then = Then.NOTHING
    then_after: float = 8
    story: str = ""
    concerns: Concerns = Concerns.UNKNOWN_PERSON
    age: AgeBand = AgeBand.NOT_SAID
    danger: DangerNow = DangerNow.NO
    second: str = ""
    """What the second reader decides, when not the same; ``waits``: nobody read it yet."""
    is_arbitrated: bool = True
    relapse_after: float = 0
    language: str = "fr"


_C, _D = Category, 24.0
_ABUSE, _SHARED, _BLACKMAIL, _GROOMING = _C.CHILD_ABUSE_IMAGES, _C.INTIMATE_IMAGE_SHARED, _C.SEXUAL_BLACKMAIL, _C.GROOMING
_ME, _KNOWN = Concerns.ME, Concerns.CHILD_I_KNOW
_YOUNG, _TEEN = AgeBand.UNDER_13, AgeBand.FROM_15_TO_17

SCENES = (
    Scene(20.9 * _D, "pixels/21", _ABUSE, "baseline", 2, Then.REMOVES, 5),
    Scene(20.2 * _D, "clips/4 clips/5", _ABUSE, "baseline", 4, Then.REMOVES, 30),
    Scene(19.6 * _D, "fjord/12", _ABUSE, "generated", 6, Then.REMOVES, 20, language="en"),
    Scene(18.8 * _D, "ronde/3", _GROOMING, "grooming", 1, Then.REMOVES, 3, "Il lui écrit tous les soirs.", _KNOWN, _TEEN),
    Scene(18.1 * _D, "clairiere/8", _C.HARASSMENT, "lawful", 9),
    Scene(17.5 * _D, "pixels/22", _ABUSE, "baseline", 3, Then.REMOVES, 4, relapse_after=14.6 * _D),
    Scene(17.4 * _D, "pixels/22", _ABUSE, "baseline", 3),
    Scene(16.9 * _D, "depot/17", _ABUSE, "baseline", 5, Then.MOVES, 12),
    Scene(16.2 * _D, "ronde/6", _SHARED, "self_made", 1, Then.REMOVES, 2, "C’est moi sur la photo.", _ME, _TEEN),
    Scene(15.4 * _D, "clips/9", _C.PORNOGRAPHY_SEEN_BY_MINORS, "elsewhere", 20),
    Scene(14.7 * _D, "clairiere/11", _C.EXPLOITATION_ADVERT, "police_first", 2, Then.REMOVES, 26),
    Scene(13.9 * _D, "fjord/19 fjord/20 fjord/21", _ABUSE, "baseline", 7, Then.REMOVES, 44, language="en"),
    Scene(13.1 * _D, "pixels/30", _C.OTHER, "nothing", 12),
    Scene(12.6 * _D, "ronde/9", _BLACKMAIL, "blackmail", 1, Then.REMOVES, 6, "Il veut de l’argent.", _ME, _TEEN),
    Scene(11.8 * _D, "clips/14", _ABUSE, "generated", 5, Then.REMOVES, 50, second="lawful"),
    Scene(10.9 * _D, "clairiere/15", _ABUSE, "baseline", 3, Then.REFUSES, 20),
    Scene(10.2 * _D, "pixels/33 pixels/34", _ABUSE, "baseline", 2, Then.REMOVES, 3),
    Scene(9.3 * _D, "ronde/12", _C.HARASSMENT, "help", 4, story="Je ne sais plus quoi faire.", concerns=_ME, age=_TEEN),
    Scene(8.4 * _D, "depot/23", _SHARED, "intimate", 6, Then.REMOVES, 30, concerns=_ME, age=AgeBand.ADULT),
    Scene(7.7 * _D, "fjord/25", _ABUSE, "baseline", 4, Then.REMOVES, 18, language="en"),
    Scene(6.8 * _D, "clips/18", _ABUSE, "baseline", 6, Then.REMOVES, 60),
    Scene(6.1 * _D, "pixels/37", _ABUSE, "baseline", 1, Then.REMOVES, 2, age=_YOUNG),
    Scene(5.5 * _D, "ronde/17", _GROOMING, "grooming", 2, Then.REMOVES, 4, concerns=_KNOWN, age=_YOUNG),
    Scene(4.6 * _D, "clairiere/21", _C.HATE_OR_VIOLENCE, "elsewhere", 30),
    Scene(3.9 * _D, "depot/31", _ABUSE, "baseline", 5, Then.MOVES, 10),
    Scene(3.2 * _D, "fjord/31", _ABUSE, "generated", 4, Then.NOTHING, language="en"),
    Scene(2.6 * _D, "muet/1", _ABUSE, "baseline", 3),
    Scene(2.1 * _D, "pixels/41", _ABUSE, "baseline", 2, Then.REMOVES, 3),
    Scene(1.7 * _D, "clips/22", _ABUSE, "baseline", 4),
    Scene(1.2 * _D, "ronde/21", _C.EXPLOITATION_ADVERT, "police_first", 3),
    Scene(26, "pixels/44", _ABUSE, "generated", 3, second="waits"),
    Scene(22, "clips/26", _ABUSE, "self_made", 2, second="lawful", is_arbitrated=False),
    Scene(9, "fjord/38", _ABUSE, "baseline", 2, language="en"),
    # Still in the queue.
    Scene(14, "clairiere/27", _C.OTHER, story="Je ne suis pas sûr que ce soit grave."),
    Scene(7.5, "pixels/48 pixels/49", _ABUSE),
    Scene(6, "clips/26", _ABUSE, language="en"),
    Scene(4.5, "depot/40", _ABUSE, age=_YOUNG),
    Scene(3, "ronde/27", _SHARED, story="On se moque de moi au collège.", concerns=_ME, age=AgeBand.FROM_13_TO_14),
    Scene(2.2, "fjord/41", _ABUSE, language="en"),
    Scene(1.1, "ronde/30", _BLACKMAIL, story="Il dit qu’il envoie tout ce soir.", concerns=_ME, age=_TEEN, danger=DangerNow.YES),
    Scene(0.4, "pixels/52", _C.NOT_SAID),
)
