"""One grading in everybody's words: total, never a guess, a minor's image never an adult's."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.desk.rules import classification as c
from rempart.desk.rules.classification import ContentCategory, Grading, NoMapping, WhyNoMapping
from rempart.desk.rules.legal_bases import _ESTABLISHED, _TO_CHECK

TODAY = date(2026, 11, 20)
KINDS = [*ContentCategory]
gradings = st.builds(Grading, **{field.name: ... for field in fields(Grading)})
BASELINE = Grading(
    ContentCategory.CSAM_BASELINE,
    age=c.AgeGroup.PRE_PUBESCENT,
    gender=c.Gender.FEMALE,
    act=c.Act.SEX_ACT,
    self_generated=False,
    virtual=c.Virtual.REAL,
    commercial=c.Commerciality.NON_COMMERCIAL,
    media=c.MediaType.IMAGE,
)
NATIONAL = replace(BASELINE, category=ContentCategory.CSAM_NATIONAL, age=c.AgeGroup.PUBESCENT)
ADULT_IMAGE = Grading(ContentCategory.ADULT_INTIMATE_IMAGE, age=c.AgeGroup.ADULT, media=c.MediaType.IMAGE)


def every_grading() -> Iterator[Grading]:
    """Every combination of what the tables look at."""
    flags = (True, None)
    return itertools.starmap(
        lambda category, age, act, own, virtual, media: Grading(
            category, age=age, act=act, self_generated=own, virtual=virtual, media=media
        ),
        itertools.product(KINDS, c.AgeGroup, c.Act, flags, c.Virtual, c.MediaType),
    )


def in_all_words(grading: Grading) -> list[object]:
    return [
        c.to_iccam(grading),
        c.to_ncmec(grading),
        c.to_dsa(grading),
        c.to_french_law(grading, TODAY),
        c.to_xarf(grading),
    ]


def test_every_combination_has_an_answer_and_a_contradiction_has_none() -> None:
    for grading in every_grading():
        for answer in in_all_words(grading):
            if c.problems(grading):
                assert answer == NoMapping(WhyNoMapping.CONTRADICTION)
            else:
                assert answer != NoMapping(WhyNoMapping.CONTRADICTION)


def test_lawful_content_is_illegal_nowhere() -> None:
    for grading in every_grading():
        if grading.category in c.LAWFUL and not c.problems(grading):
            _, *others = in_all_words(grading)
            assert others == [NoMapping(WhyNoMapping.NOT_ILLEGAL)] * 4


def test_an_image_of_a_minor_is_never_told_as_non_consensual() -> None:
    for grading in every_grading():
        answer = c.to_dsa(grading)
        if isinstance(answer, c.Dsa) and any("NON_CONSENSUAL" in word for word in answer.keywords):
            assert grading.age is c.AgeGroup.ADULT
        if isinstance(answer, c.Dsa) and grading.category in c.CSAM:
            assert answer.keywords[0] == "KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL"


def test_tables_are_complete() -> None:
    assert set(c.ICCAM_AGE) == set(c.AgeGroup)
    assert set(c.ICCAM_GENDER) == set(c.Gender)
    assert set(c.ICCAM_COMMERCIALITY) == set(c.Commerciality)
    assert set(c.DSA_CONTENT_TYPE) == set(c.XARF_MEDIA) == set(c.MediaType)
    assert set(c.XARF_AGE) == set(c.AgeGroup) - {c.AgeGroup.ADULT}
    outside = c.LAWFUL | {ContentCategory.OTHER_ILLEGAL}
    assert set(c.DSA_WORDS) == set(_ESTABLISHED) == set(ContentCategory) - outside
    assert c.ABOUT_MINORS.isdisjoint(c.ABOUT_ADULTS)


def test_iccam() -> None:
    assert c.to_iccam(BASELINE) == c.Iccam(1, 3, 2, 0, 0, 0, 3)
    drawn = replace(NATIONAL, virtual=c.Virtual.DRAWN, gender=c.Gender.BOTH)
    assert c.to_iccam(drawn) == c.Iccam(2, 4, 4, 1, 0, 0, 3)
    own = replace(NATIONAL, self_generated=True, child_modelling=None)
    assert c.to_iccam(own) == c.Iccam(2, 4, 2, 0, 1, 0, 3)
    posing = Grading(ContentCategory.SEXUALISED_NOT_ILLEGAL, child_modelling=True)
    assert c.to_iccam(posing) == c.Iccam(4, 1, 1, 0, 0, 1, 1)
    assert c.to_iccam(ADULT_IMAGE) == NoMapping(WhyNoMapping.OUTSIDE_VOCABULARY)


@pytest.mark.parametrize(
    ("age", "act", "expected"),
    [
        ("infant", "sex_act", "A1"),
        ("pre_pubescent", "sex_act", "A1"),
        ("pre_pubescent", "lascivious", "A2"),
        ("pubescent", "sex_act", "B1"),
        ("pubescent", "lascivious", "B2"),
        ("not_determined", "sex_act", WhyNoMapping.AGE_NOT_DETERMINED),
        ("pubescent", "unknown", WhyNoMapping.ACT_NOT_DETERMINED),
        ("pubescent", "none", WhyNoMapping.CONTRADICTION),
        ("adult", "sex_act", WhyNoMapping.CONTRADICTION),
    ],
)
def test_ncmec_classification(age: str, act: str, expected: str) -> None:
    answer = c.to_ncmec(replace(NATIONAL, age=c.AgeGroup(age), act=c.Act(act)))
    told = answer.reason if isinstance(answer, NoMapping) else answer.classification
    assert told == expected


def test_ncmec_annotations_say_only_what_is_established() -> None:
    assert c.to_ncmec(BASELINE) == c.Ncmec("A1", ())
    made = replace(NATIONAL, virtual=c.Virtual.COMPUTER_GENERATED, self_generated=True)
    assert c.to_ncmec(made) == c.Ncmec("B1", ("possibleSelfProduction", "generativeAi"))
    live = replace(BASELINE, age=c.AgeGroup.INFANT, media=c.MediaType.LIVE)
    assert c.to_ncmec(live) == c.Ncmec("A1", ("liveStreaming", "infant"))
    text = replace(NATIONAL, act=c.Act.UNKNOWN, media=c.MediaType.TEXT)
    assert c.to_ncmec(text) == NoMapping(WhyNoMapping.NOT_IMAGE_OR_VIDEO)


def test_dsa_words() -> None:
    minors = "STATEMENT_CATEGORY_PROTECTION_OF_MINORS"
    material = "KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL"
    assert c.to_dsa(BASELINE) == c.Dsa(minors, (), (material,), ("CONTENT_TYPE_IMAGE",))
    made = c.to_dsa(replace(NATIONAL, virtual=c.Virtual.COMPUTER_GENERATED))
    assert isinstance(made, c.Dsa)
    assert made.keywords == (material, f"{material}_DEEPFAKE")
    assert made.content_types == ("CONTENT_TYPE_IMAGE", "CONTENT_TYPE_SYNTHETIC_MEDIA")
    woman = c.to_dsa(replace(ADULT_IMAGE, gender=c.Gender.FEMALE))
    assert isinstance(woman, c.Dsa)
    assert woman.category == "STATEMENT_CATEGORY_CYBER_VIOLENCE_AGAINST_WOMEN"
    assert woman.keywords == ("KEYWORD_NON_CONSENSUAL_IMAGE_SHARING_AGAINST_WOMEN",)
    unsure = replace(ADULT_IMAGE, age=c.AgeGroup.NOT_DETERMINED)
    assert c.to_dsa(unsure) == NoMapping(WhyNoMapping.AGE_NOT_DETERMINED)
    blackmail = c.to_dsa(Grading(ContentCategory.CHILD_SEXUAL_EXTORTION))
    assert isinstance(blackmail, c.Dsa)
    assert blackmail.keywords == ("KEYWORD_OTHER",)
    assert blackmail.other_keyword


def articles(grading: Grading, on: date = TODAY) -> tuple[list[str], list[str]]:
    law = c.to_french_law(grading, on)
    assert isinstance(law, c.FrenchLaw)
    return [row.code for row in law.established], [row.code for row in law.to_check]


def test_french_law() -> None:
    assert articles(BASELINE) == (["FR:CP:227-23"], [])
    assert articles(replace(NATIONAL, self_generated=True)) == (["FR:CP:227-23"], ["FR:CP:227-23-1"])
    tale = replace(NATIONAL, act=c.Act.UNKNOWN, media=c.MediaType.TEXT)
    assert articles(tale) == ([], ["FR:CP:227-23"])
    grooming = Grading(ContentCategory.CHILD_GROOMING, age=c.AgeGroup.PUBESCENT)
    assert articles(grooming)[0] == []
    assert "FR:CP:227-22-1" in articles(grooming)[1]
    younger = replace(grooming, age=c.AgeGroup.PRE_PUBESCENT)
    assert articles(younger)[0] == ["FR:CP:227-22-1"]
    assert articles(Grading(ContentCategory.CHILD_IN_PROSTITUTION))[0] == []


def test_french_law_follows_the_calendar() -> None:
    deepfake = Grading(ContentCategory.ADULT_SEXUAL_DEEPFAKE, age=c.AgeGroup.ADULT)
    assert articles(deepfake, date(2024, 5, 22)) == ([], ["FR:CP:226-8"])
    assert articles(deepfake, date(2024, 5, 23))[0] == ["FR:CP:226-8-1"]
    assert c.to_french_law(BASELINE, date(1990, 1, 1)) == NoMapping(WhyNoMapping.NOT_IN_FORCE)
    assert c.in_force("FR:CP:222-33", date(2012, 6, 1)) is None
    assert c.in_force("FR:CP:222-33", date(2012, 8, 8)) is not None
    assert c.in_force("FR:CP:000-0", TODAY) is None


def test_every_article_cited_is_a_row_in_force_and_rows_never_overlap() -> None:
    cited = {*itertools.chain(*_ESTABLISHED.values()), *itertools.chain(*_TO_CHECK.values())}
    for article in cited:
        assert c.in_force(f"FR:CP:{article}", TODAY) is not None
    for one, other in itertools.combinations(c.LEGAL_BASES, 2):
        if one.code == other.code:
            assert one.valid_to is not None
            assert one.valid_to <= other.valid_from
    for basis in c.LEGAL_BASES:
        assert basis.title_fr
        assert basis.title_en
        assert basis.valid_to is None or basis.valid_from < basis.valid_to


def test_xarf() -> None:
    assert c.to_xarf(BASELINE) == c.Xarf("csam", "baseline", "image")
    assert c.to_xarf(NATIONAL) == c.Xarf("csam", "B1", "image")
    unsure = replace(NATIONAL, act=c.Act.UNKNOWN)
    told = c.Xarf("csem", exploitation_type="distribution", victim_age_range="pubescent")
    assert c.to_xarf(unsure) == told
    grooming = Grading(ContentCategory.CHILD_GROOMING)
    asked = c.Xarf("csem", exploitation_type="grooming", victim_age_range="unknown")
    assert c.to_xarf(grooming) == asked
    assert c.to_xarf(ADULT_IMAGE) == NoMapping(WhyNoMapping.OUTSIDE_VOCABULARY)


def test_why_not() -> None:
    assert [reason.value for reason in c.NOT_ILLEGAL_REASONS] == list(range(1, 22))
    assert 14 in c.NOT_ILLEGAL_REASONS
    assert c.iccam_action_for(c.NotIllegalReason.SITE_DOWN_OR_404) is c.IccamAction.UNAVAILABLE
    assert c.iccam_action_for(c.NotIllegalReason.ADULT_PORNOGRAPHY) is c.IccamAction.NOT_ILLEGAL
    hidden = c.iccam_action_for(c.NotIllegalReason.PASSWORD_PROTECTED)
    assert hidden == NoMapping(WhyNoMapping.NEEDS_A_PERSON)
    assert 5 not in [*c.IccamAction]


@pytest.mark.parametrize(
    ("grading", "problem"),
    [
        (replace(BASELINE, virtual=c.Virtual.UNKNOWN), "baseline_needs_real_child"),
        (replace(BASELINE, age=c.AgeGroup.PUBESCENT), "baseline_needs_child_before_puberty"),
        (replace(BASELINE, act=c.Act.UNKNOWN), "baseline_needs_act"),
        (replace(BASELINE, media=c.MediaType.TEXT), "baseline_needs_image_or_video"),
        (replace(BASELINE, media=c.MediaType.TEXT), "act_needs_image_or_video"),
        (replace(NATIONAL, age=c.AgeGroup.ADULT), "minor_category_with_adult"),
        (replace(ADULT_IMAGE, age=c.AgeGroup.INFANT), "adult_category_with_minor"),
        (replace(ADULT_IMAGE, child_modelling=True), "child_modelling_with_adult"),
        (replace(NATIONAL, act=c.Act.NONE), "csam_without_act"),
        (
            replace(ADULT_IMAGE, category=ContentCategory.ADULT_SEXUAL_DEEPFAKE, virtual=c.Virtual.REAL),
            "deepfake_of_real_recording",
        ),
        (
            replace(NATIONAL, category=ContentCategory.SEXUALISED_NOT_ILLEGAL),
            "sex_act_with_minor_not_illegal",
        ),
        (replace(NATIONAL, child_modelling=True), "child_modelling_with_sex_act"),
        (
            replace(NATIONAL, self_generated=True, virtual=c.Virtual.DRAWN),
            "self_generated_without_person",
        ),
    ],
)
def test_contradictions_are_named(grading: Grading, problem: str) -> None:
    assert problem in c.problems(grading)


def test_sound_gradings_have_no_problem() -> None:
    assert c.problems(BASELINE) == c.problems(NATIONAL) == c.problems(ADULT_IMAGE) == ()
    for category in KINDS:
        if category is not ContentCategory.CSAM_BASELINE:
            assert c.problems(Grading(category)) == ()


@given(gradings)
def test_a_grading_goes_to_json_and_back(grading: Grading) -> None:
    assert c.from_data(json.loads(json.dumps(c.as_data(grading)))) == grading


def test_the_data_holds_every_field() -> None:
    assert list(c.as_data(BASELINE)) == [field.name for field in fields(Grading)]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"category": "something_else"}, "category"),
        ({"age": 3}, "age"),
        ({"media": None}, "media"),
        ({"self_generated": "yes"}, "self_generated"),
        ({"child_modelling": 0}, "child_modelling"),
        ({"score": "high"}, "score"),
    ],
)
def test_data_that_is_no_grading_is_refused(change: dict[str, object], field: str) -> None:
    with pytest.raises(c.GradingDataError) as caught:
        c.from_data({**c.as_data(BASELINE), **change})
    assert caught.value.field == field


def test_a_missing_field_is_named() -> None:
    data = c.as_data(BASELINE)
    del data["gender"]
    with pytest.raises(c.GradingDataError, match="gender: missing"):
        c.from_data(data)
