"""What a stranger pastes, turned into the things to decide on.

People paste what they have: an address with a full stop behind it, ten addresses in one breath,
an address disguised so that nobody clicks on it, "@name on Snapchat", a number, the reference of
an advert. ``read_locators`` finds them all, keeps their order and merges the same ones. It never
refuses a text and never raises: a person who reports is not corrected.

What makes two locators the same is their ``identity``. The rules for addresses, and why some
that look alike stay apart, are in ``locator_url``; the platforms in ``platforms``; disguises in
``locator_text``; accounts, numbers and adverts in ``locator_mentions``. The canonical form of
every kind can be pasted again and is read as itself:

* URL: the WHATWG form, ``https://host.example/page``;
* ACCOUNT: ``platform:handle`` in lower case; ``email:name@host``; ``fediverse:name@host``;
  ``unknown:handle`` when nothing says where;
* PHONE: E.164, ``+33612345678``;
* ADVERT: ``advert:site:reference`` or ``advert:reference``.

A sign of punctuation at the very end of an address is read as the sentence's, not the address's;
a closing bracket too, unless the address opened it. ``canonical_url``, given one address alone,
takes it as it is.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rempart.desk.rules.locator_mentions import (
    BLANK,
    Found,
    LocatorKind,
    accounts,
    adverts,
    bare_handles,
    emails,
    phones,
)
from rempart.desk.rules.locator_text import Readable, defang, readable, refang
from rempart.desk.rules.locator_url import (
    MAX_URL,
    canonical_url,
    has_known_suffix,
    read_address,
    with_tracking_removed,
)

__all__ = [
    "MAX_LOCATORS",
    "MAX_TEXT",
    "MAX_URL",
    "Locator",
    "LocatorKind",
    "canonical_url",
    "defang",
    "read_locators",
    "refang",
    "with_tracking_removed",
]

MAX_LOCATORS = 200
"""Most locators read from one text unless told otherwise, after merging; the rest of the text is left unread."""

MAX_TEXT = 100_000
"""Signs of a text that are looked at; what follows is left unread."""


@dataclass(frozen=True, slots=True)
class Locator:
    """One thing to decide on.

    ``typed`` is how the person wrote it; ``canonical`` the one form of it that we write and look at.
    ``host`` is the ASCII host, with its port when it is not the usual one (the platform's site
    for an account); ``site`` the registrable domain, or the IP address; ``account`` the
    ``platform:handle`` that the thing is or clearly carries. None: there is none, or not known.
    """

    kind: LocatorKind
    typed: str
    canonical: str
    host: str | None
    site: str | None
    account: str | None

    @property
    def identity(self) -> tuple[LocatorKind, str]:
        """What makes two locators the same. ``http`` and ``https`` are one: the page answers to both, and people paste either."""
        return self.kind, _WEB_SCHEME.sub("//", self.canonical, count=1)


_WEB_SCHEME = re.compile(r"^https?://")
_SCHEME = re.compile(r"(?i)(?:https?|ftps?|sftp|wss?|rtmp|rtsp|ip[fn]s)://|magnet:\?")
_SCHEMED_END = re.compile(r"(?i)[\s<>\"«»“”\x00]|[,;|]+(?=https?://|www\.)|(?<=[a-z0-9])(?=https?://)")
_BARE = re.compile(
    r"(?<![\w.@%+=&?#~-])(?P<host>(?:[\w-]{1,63}\.){1,12}(?:xn--[\w-]{1,59}|[^\W\d_]{2,63})"
    r"|(?:\d{1,3}\.){3}\d{1,3}|\[[0-9A-Fa-f:.]{3,45}\])\.?(?P<port>:\d{1,5})?"
    r"(?:(?P<more>[/?#])|(?![\w@-]|\.\d))"
)
_BARE_END = re.compile(r"(?i)[\s<>\"«»“”\x00]|[,;|]+|(?<=[a-z0-9])(?=https?://)")
_HOST = re.compile(r"((?:[\w-]{1,63}\.){1,5}[^\W\d_]{2,24})(?:[/?#:,;|\s]|$)")
_TITLE_ENDING = re.compile(r"[a-zà-ÿ]\.[A-ZÀ-Þ][a-zà-ÿ]*$")
_FILE_ENDINGS = frozenset({"zip", "mov", "py", "md"})
_IPV4 = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}")
_PUNCTUATION = frozenset(".,;:!?'’‘\"”»…*`\\")
_BRACKETS = {")": "(", "]": "[", "}": "{"}


def read_locators(text: str, *, limit: int = MAX_LOCATORS) -> tuple[Locator, ...]:
    """Everything to decide on in a freely pasted text, in the order it was written, each once.

    A text with nothing usable gives an empty tuple. Never raises; looks at ``MAX_TEXT`` signs
    and gives at most ``limit``, in time proportional to the text.
    """
    source = readable(text[:MAX_TEXT])
    merged: dict[tuple[LocatorKind, str], Locator] = {}
    for found in sorted(_everything(source.text), key=lambda one: one.start):
        locator = _locator(found, source)
        merged.setdefault(locator.identity, locator)
        if len(merged) >= limit:
            break
    return tuple(merged.values())


def _everything(whole: str) -> list[Found]:
    """Each reader sees the text without what the readers before it have found."""
    text = whole
    result: list[Found] = []
    for reader in (_schemed, emails, _pages, phones, adverts, accounts, _hosts):
        found = _apart(reader(text))
        result += found
        text = _blanked(text, found)
    return result + _apart(bare_handles(text, whole))


def _apart(found: Iterable[Found]) -> list[Found]:
    """Findings that do not overlap: of two that do, the one read first is kept."""
    kept: list[Found] = []
    taken: set[int] = set()
    for one in found:
        places = range(one.start, one.end)
        if taken.isdisjoint(places):
            kept.append(one)
            taken.update(places)
    return sorted(kept, key=lambda one: one.start)


def _blanked(text: str, found: list[Found]) -> str:
    parts, last = [], 0
    for one in found:
        parts += [text[last : one.start], BLANK * (one.end - one.start)]
        last = one.end
    return "".join([*parts, text[last:]])


def _locator(found: Found, source: Readable) -> Locator:
    typed = source.typed(found.start, found.end)
    return Locator(found.kind, typed, found.canonical, found.host, found.site, found.account)


def _schemed(text: str) -> Iterator[Found]:
    place = 0
    while match := _SCHEME.search(text, place):
        stop = _SCHEMED_END.search(text, match.end())
        end = stop.start() if stop else len(text)
        place = max(end, match.end())
        yield from _address(text, match.start(), end)


def _pages(text: str) -> Iterator[Found]:
    """Addresses without scheme, but with a path: nothing else is read inside them."""
    return (one for match, one in _bare(text) if match["more"])


def _hosts(text: str) -> Iterator[Found]:
    """Lone host names: read late, for "annonce 123 sur site.com" is one thing."""
    return (one for match, one in _bare(text) if not match["more"])


def _bare(text: str) -> Iterator[tuple[re.Match[str], Found]]:
    place = 0
    while match := _BARE.search(text, place):
        end = place = _end_of_bare(text, match.end()) if match["more"] else match.end()
        if _is_address(match):
            yield from ((match, one) for one in _address(text, match.start(), end))


def _end_of_bare(text: str, place: int) -> int:
    """Where an address without scheme ends: a comma belongs to it unless a host comes next."""
    for stop in _BARE_END.finditer(text, place):
        is_separator = stop[0][:1] in {",", ";", "|"}
        listed = _HOST.match(text, stop.end())
        if not is_separator or (listed and has_known_suffix(listed[1])):
            return stop.start()
    return len(text)


def _is_address(match: re.Match[str]) -> bool:
    """Whether a name with dots and no scheme is an address rather than prose or a file."""
    host = match["host"]
    if host.startswith("[") or _IPV4.fullmatch(host):
        return host.count(":") >= 2 or "." in host
    if not has_known_suffix(host):
        return False
    if match["port"] or match["more"] or host.lower().startswith("www."):
        return True
    ending = host.rpartition(".")[2].lower()
    return not _TITLE_ENDING.search(host) and ending not in _FILE_ENDINGS


def _address(text: str, start: int, end: int) -> Iterator[Found]:
    end = start + len(_without_final_punctuation(text[start:end]))
    address = read_address(text[start:end])
    if address is not None:
        yield Found(
            start,
            end,
            LocatorKind.URL,
            address.canonical,
            address.host,
            address.site,
            address.account,
        )


def _without_final_punctuation(token: str) -> str:
    """A token without the punctuation of the sentence around it; at most ``MAX_URL`` signs of a
    longer one are looked at, for it is no address anyway."""
    if len(token) > MAX_URL:
        return token
    depth = {opening: token.count(opening) for opening in _BRACKETS.values()}
    closed = {closing: token.count(closing) for closing in _BRACKETS}
    end = len(token)
    while end and (token[end - 1] in _PUNCTUATION or token[end - 1] in _BRACKETS):
        last = token[end - 1]
        if last in _BRACKETS:
            if closed[last] <= depth[_BRACKETS[last]]:
                break
            closed[last] -= 1
        end -= 1
    return token[:end]
