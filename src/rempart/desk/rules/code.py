"""The case code: the one thing a person keeps to come back to her case.

A code is 80 bits of chance written as sixteen Crockford base32 signs in four groups, and one
check sign: ``XXXX-XXXX-XXXX-XXXX-C``. There is no recovery: whoever holds the code holds the
case. So nothing in this module puts a code, or a part of one, in an error message.

**The check sign.** The 32 signs are read as the elements of the field GF(32), built on the
primitive polynomial x^5 + x^2 + 1. With w(i) the i-th power of the generator x, a code whose
seventeen signs are d(1) … d(16) and d(0), the check sign, is right when

    w(1)·d(1) + … + w(16)·d(16) + w(0)·d(0) = 0        (addition is exclusive or)

As w(0) = 1, the check sign is the sum of the other terms: always one of the same 32 signs.
The generator has order 31, so the seventeen weights are distinct and none is zero. Hence:

* one wrong sign at place i changes the sum by w(i)·e with e ≠ 0, and a field has no divisors
  of zero: the sum is no longer zero, the mistake is always told;
* two different signs a, b that change places i, j change it by (w(i) + w(j))·(a + b): neither
  factor is zero, so every swap is told, of neighbours or not, check sign included.

This is a linear code with one parity symbol over a field (see the chapter on error-detecting
codes in any text on finite fields; Verhoeff, *Error detecting decimal codes*, 1969, states
the aims). Any other mistake passes once in 32.
"""

from typing import ClassVar, NewType

CaseCode = NewType("CaseCode", str)
"""A code in its printed form, upper case, with its hyphens: ``XXXX-XXXX-XXXX-XXXX-C``."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ENTROPY_BYTES = 10
SIGNS = 16
GROUP = 4
LONGEST_TYPED = 200

_POLYNOMIAL = 0b100101
_SEPARATORS = frozenset(
    " \t\r\n\v\f.-_\u00a0\u00ad\u200b\u200c\u200d\u2060\ufeff\u202f\u3000\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00b7\u2022"
)
_FULL_WIDTH = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}


def _times_x(element: int) -> int:
    shifted = element << 1
    return shifted ^ _POLYNOMIAL if shifted & 0b100000 else shifted


def _multiply(left: int, right: int) -> int:
    product = 0
    while right:
        if right & 1:
            product ^= left
        left, right = _times_x(left), right >> 1
    return product


def _powers(count: int) -> tuple[int, ...]:
    powers = [1]
    for _ in range(count - 1):
        powers.append(_times_x(powers[-1]))
    return tuple(powers)


_WEIGHTS = _powers(SIGNS + 1)[1:]


def _readings() -> dict[str, int]:
    """Every sign a person may type for each value; only ASCII, so that no look-alike of
    another script (or a sign that grows in upper case) is taken for one of ours."""
    readings = {sign: value for value, sign in enumerate(ALPHABET)}
    readings |= {"O": 0, "I": 1, "L": 1}
    return readings | {sign.lower(): value for sign, value in readings.items()}


_READINGS = _readings()


class CodeError(ValueError):
    """A typed code that cannot be read. ``reason`` is stable and may be used as a key for a
    message in the person's language; the text never repeats what was typed."""

    reason: ClassVar[str] = "code"

    def __init__(self) -> None:
        super().__init__(f"the case code cannot be read: {self.reason}")


class CodeTooShortError(CodeError):
    """Fewer than seventeen signs."""

    reason: ClassVar[str] = "too_short"


class CodeTooLongError(CodeError):
    """More than seventeen signs."""

    reason: ClassVar[str] = "too_long"


class CodeUnknownSignError(CodeError):
    """A sign that no code holds, such as ``U`` or an accented letter."""

    reason: ClassVar[str] = "unknown_sign"


class CodeCheckError(CodeError):
    """Seventeen known signs, but at least one is wrong or two changed places."""

    reason: ClassVar[str] = "check"


def _check_value(values: list[int]) -> int:
    total = 0
    for weight, value in zip(_WEIGHTS, values, strict=True):
        total ^= _multiply(weight, value)
    return total


def _print(values: list[int]) -> CaseCode:
    signs = "".join(ALPHABET[value] for value in values)
    groups = [signs[start : start + GROUP] for start in range(0, SIGNS, GROUP)]
    return CaseCode("-".join([*groups, ALPHABET[_check_value(values)]]))


def make_code(entropy: bytes) -> CaseCode:
    """Print 80 bits of chance as a case code.

    The caller supplies exactly ten bytes from the system's generator: this module has no
    chance of its own. Any other number of bytes raises ``ValueError``.
    """
    if len(entropy) != ENTROPY_BYTES:
        raise ValueError(f"a case code is made of exactly {ENTROPY_BYTES} bytes")
    number = int.from_bytes(entropy, "big")
    return _print([number >> (5 * place) & 0b11111 for place in reversed(range(SIGNS))])


def read_code(text: str) -> CaseCode:
    """Read a code as people type it, and give it back in its printed form.

    Case, spaces, hyphens and dashes, dots and full-width forms do not matter; ``O`` is read
    as 0, ``I`` and ``L`` as 1. Raises ``CodeUnknownSignError``, ``CodeTooShortError``,
    ``CodeTooLongError`` or ``CodeCheckError``, told in that order; never anything else.
    """
    if len(text) > LONGEST_TYPED:
        raise CodeTooLongError
    signs = [sign for sign in text.translate(_FULL_WIDTH) if sign not in _SEPARATORS]
    if any(sign not in _READINGS for sign in signs):
        raise CodeUnknownSignError
    if len(signs) <= SIGNS:
        raise CodeTooShortError
    if len(signs) > SIGNS + 1:
        raise CodeTooLongError
    values = [_READINGS[sign] for sign in signs]
    if _check_value(values[:SIGNS]) != values[SIGNS]:
        raise CodeCheckError
    return _print(values[:SIGNS])


def code_groups(code: CaseCode) -> tuple[str, ...]:
    """The five printed groups, the last being the check sign: to show, or to ask for two."""
    return tuple(code.split("-"))


def code_signs(code: CaseCode) -> str:
    """The sixteen signs without hyphens or check sign: the one form that keys are made from."""
    return code.replace("-", "")[:SIGNS]
