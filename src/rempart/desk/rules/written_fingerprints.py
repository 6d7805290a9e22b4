"""Fingerprints that people write: partner hotlines and platforms put them in their reports, as 64 hexadecimal signs.

What was written is as secret as the picture: wherever it is shown again it is left out, but where the reporter's own words are
opened on purpose.
"""

import re

SIGNS = 64
"""A PDQ and a SHA-256 look alike: 256 bits in hexadecimal."""
MOST = 1_000
"""Fingerprints of one report that are looked for."""
LEFT_OUT = "[…]"

_FINGERPRINT = re.compile(rf"(?<![0-9A-Za-z])[0-9A-Fa-f]{{{SIGNS}}}(?![0-9A-Za-z])")


def fingerprints_in(text: str) -> tuple[str, ...]:
    """Each one once, in its order, in small letters."""
    return tuple(dict.fromkeys(found.lower() for found in _FINGERPRINT.findall(text)))[:MOST]


def without_fingerprints(text: str) -> str:
    """The same text, each of them left out."""
    return _FINGERPRINT.sub(LEFT_OUT, text)
