"""What differs between the copies of two clients: the watermark of each fingerprint, and which canaries stand there at all.

Nothing is stored: both follow from the client's number and the keys file, so a copy that was read years ago can still be traced.
"""

from collections.abc import Sequence

from rempart.desk.registers.lists.keys import Purpose, client_key
from rempart.desk.registers.lists.models import Canary
from rempart.desk.rules import collusion, watermark
from rempart.engine import HashArray, Pdq


def mark(pdq: Pdq, client_number: int, entry: int, part: int) -> Pdq:
    """This fingerprint as this client is given it, for ever the same. ``part``: its place among those of the entry, from 0.

    Of more than a few, ask ``mark_many``: it is fifteen times faster.
    """
    return Pdq(watermark.mark(pdq.value, client_key(client_number, Purpose.WATERMARK), entry, part))


def mark_many(hashes: HashArray, client_number: int, entries: Sequence[int], parts: Sequence[int]) -> HashArray:
    """The same for many: shape (n, 32), with the entry and the part of each row."""
    return hashes ^ watermark.masks(hashes, client_key(client_number, Purpose.WATERMARK), entries, parts)


def has_canary(client_number: int, canary: Canary) -> bool:
    """Whether this canary stands on this client's copy."""
    return collusion.stands_on(client_key(client_number, Purpose.CANARIES), canary.pk, canary.bias)
