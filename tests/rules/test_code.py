"""The case code: what is printed can be read back, and a slip of the pen is always told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.desk.rules.code import (
    ALPHABET,
    ENTROPY_BYTES,
    SIGNS,
    CaseCode,
    CodeCheckError,
    CodeError,
    code_groups,
    code_signs,
    make_code,
    read_code,
)

entropies = st.binary(min_size=ENTROPY_BYTES, max_size=ENTROPY_BYTES)
codes = entropies.map(make_code)
EXAMPLE = make_code(bytes(range(10)))


@given(entropies)
def test_what_is_printed_is_read_back(entropy: bytes) -> None:
    code = make_code(entropy)
    assert read_code(code) == code
    assert [len(group) for group in code_groups(code)] == [4, 4, 4, 4, 1]
    assert set(code.replace("-", "")) <= set(ALPHABET)


@given(entropies)
def test_all_eighty_bits_are_in_the_signs(entropy: bytes) -> None:
    number = 0
    for sign in code_signs(make_code(entropy)):
        number = number * 32 + ALPHABET.index(sign)
    assert number.to_bytes(ENTROPY_BYTES, "big") == entropy


@given(codes)
def test_every_single_wrong_sign_is_told(code: CaseCode) -> None:
    signs = code.replace("-", "")
    for place in range(SIGNS + 1):
        for other in ALPHABET:
            if other != signs[place]:
                with pytest.raises(CodeCheckError):
                    read_code(signs[:place] + other + signs[place + 1 :])


@given(codes)
def test_every_swap_of_two_different_signs_is_told(code: CaseCode) -> None:
    signs = list(code.replace("-", ""))
    for left in range(SIGNS + 1):
        for right in range(left):
            if signs[left] != signs[right]:
                swapped = signs.copy()
                swapped[left], swapped[right] = swapped[right], swapped[left]
                with pytest.raises(CodeCheckError):
                    read_code("".join(swapped))


@given(codes, st.data())
def test_the_way_of_typing_does_not_matter(code: CaseCode, data: st.DataObject) -> None:
    spellings = {"0": "0Oo０Ｏ", "1": "1IiLl１ｌ"}
    signs = []
    for sign in code.replace("-", ""):
        wide = chr(ord(sign) + 0xFEE0)
        signs.append(data.draw(st.sampled_from(spellings.get(sign, sign + sign.lower() + wide))))
        signs.append(data.draw(st.sampled_from(["", "", " ", "-", ".", "–", "\u00a0", "\n", "\u200b"])))
    assert read_code("".join(signs)) == code


@given(st.text() | st.text(alphabet=ALPHABET + "-uUé ", max_size=24))
def test_any_text_is_read_or_refused_with_a_known_reason(text: str) -> None:
    told = None
    try:
        code = read_code(text)
    except CodeError as error:
        told = error.reason
    else:
        assert read_code(code) == code
    assert told in {None, "too_short", "too_long", "unknown_sign", "check"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "too_short"),
        ("ABCD", "too_short"),
        (EXAMPLE[:-2], "too_short"),
        (EXAMPLE + "0", "too_long"),
        ("0" * 10_000, "too_long"),
        (EXAMPLE[:-1] + "U", "unknown_sign"),
        ("é" + EXAMPLE[1:], "unknown_sign"),
        ("ß" + EXAMPLE[1:], "unknown_sign"),
        ("ı" + EXAMPLE[1:], "unknown_sign"),
        ("٣" + EXAMPLE[1:], "unknown_sign"),
    ],
)
def test_each_reason(text: str, reason: str) -> None:
    with pytest.raises(CodeError) as caught:
        read_code(text)
    assert caught.value.reason == reason


def test_an_error_never_repeats_the_code() -> None:
    last = "0" if EXAMPLE[-1] != "0" else "1"
    with pytest.raises(CodeError) as caught:
        read_code(EXAMPLE[:-1] + last)
    assert EXAMPLE[:4] not in str(caught.value)


@pytest.mark.parametrize("size", [0, 9, 11, 16])
def test_only_ten_bytes_make_a_code(size: int) -> None:
    with pytest.raises(ValueError, match="10 bytes"):
        make_code(bytes(size))


def test_known_codes() -> None:
    """Frozen: a change of alphabet, weights or layout would lock every reporter out."""
    assert make_code(bytes(10)) == "0000-0000-0000-0000-0"
    assert code_signs(EXAMPLE) == "000G40R40M30E209"
    assert EXAMPLE == "000G-40R4-0M30-E209-Z"
    assert make_code(b"\xff" * 10) == "ZZZZ-ZZZZ-ZZZZ-ZZZZ-M"
