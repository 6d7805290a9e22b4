"""What people write when they have no address to paste: an account, a number, an advert.

Each reader takes a readable text and yields what it finds with its place. They are applied one
after the other, each on the text with the earlier findings blanked out, so none needs to know
the others. All patterns are bounded. Being wrong costs an analyst one line struck out; missing
something costs the whole report: where a handle is plausible it is read, but ordinary words of
a sentence are not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from rempart.desk.rules.locator_url import has_known_suffix, read_address, site_of
from rempart.desk.rules.platforms import BY_NAME, BY_WORD, Platform, account_name


class LocatorKind(StrEnum):
    """What one locator is. ``NO_LINK`` is never read from a text: it stands for a report that
    has nothing to go to."""

    URL = "url"
    ACCOUNT = "account"
    PHONE = "phone"
    ADVERT = "advert"
    NO_LINK = "no_link"


@dataclass(frozen=True, slots=True)
class Found:
    """One thing read, and where it stands in the readable text."""

    start: int
    end: int
    kind: LocatorKind
    canonical: str
    host: str | None = None
    site: str | None = None
    account: str | None = None


BLANK = "\x00"
_HANDLE = r"[A-Za-z0-9_.-]{1,63}[A-Za-z0-9_](?:#\d{4})?"
_AFTER = r"(?![\w@])"
_WORDS = "|".join(re.escape(word) for word in sorted(BY_WORD, key=len, reverse=True))
_PLATFORM = rf"(?<![\w@.-])(?P<word>{_WORDS})(?:\.com)?(?![\w-])"
_OPEN, _CLOSE = "[\"'«“‘][ ]?", "[ ]?[\"'»”’]"
_SEGMENT_END = re.compile(r"[ \t]*(?:$|[\n\x00,;|/)\]»”’\"'.!?•]|(?:et|and|ou|or|puis|then|\+|&)(?!\w))")
_ORDINARY_WORDS = (
    "story stories photo photos video videos compte profil account profile page groupe group live "
    "post posts message messages merci thanks dm mp privé private oui non yes no ok me moi lien "
    "link ici here help aide com fr net"
)
_NOT_HANDLES = frozenset(_ORDINARY_WORDS.split())

_EMAIL = re.compile(
    r"(?<![\w.%+'@-])(?P<lead>(?:fediverse:)?@|fediverse:)?(?P<user>[A-Za-z0-9_.%+'-]{1,64})@"
    r"(?P<domain>(?:[\w-]{1,63}\.){1,8}[^\W\d_][\w-]{1,62})(?![\w@-])"
)
_PHONE_NOISE = r"(?<![\w.@/=+#&-])"
_PHONE_END = r"(?![\w@]|[.-]\w)"
_PHONES = re.compile(
    rf"{_PHONE_NOISE}(?:"
    r"(?P<plus33>(?:\+|00)[ ]?33[ .-]?(?:\(0\)|0)?[ .-]?[1-9](?:[ .-]{0,2}\d){8})"
    r"|(?P<pairs>0[1-9](?P<sep>[ .-]?)\d\d(?:(?P=sep)\d\d){3})"
    r"|(?P<loose>(?!\d\d[.-]\d\d[.-]\d{4})0[1-9](?:[ -]?\d){8})"
    r"|(?P<abroad>(?:\+|00)[ ]?(?!33)[1-9](?:[ .()-]{0,2}\d){7,14})"
    rf"){_PHONE_END}"
)
_SITE_WORD = r"(?P<site{n}>(?:[\w-]{{1,63}}\.){{1,5}}[a-z]{{2,24}}|[A-Za-z][\w-]{{2,40}})"
_ADVERT = re.compile(
    r"(?<![\w:./@-])(?i:(?P<strong>annonces?|adverts?|advertisements?|r[ée]f(?:[ée]rence)?s?)"
    r"|(?P<weak>ads?|listing|offre))(?!\w)"
    r"[ ]{0,2}(?:(?i:sur|on|de|from)[ ]{1,2}(?P<site1>(?:[\w-]{1,63}\.){1,5}[a-z]{2,24})"
    r"[ ,:]{1,3})?"
    r"(?P<mark>(?:(?i:n[°ºo]|num[ée]ro|number|num|id|#|r[ée]f(?:[ée]rence)?|code)\.?[ ]{0,2}"
    r"|[.:=#][ ]{0,2}){0,4})(?P<code>[A-Za-z0-9][A-Za-z0-9_-]{2,39})(?![\w@])"
    r"(?:[ ]{1,2}(?i:sur|on|at|de|from|chez|in|dans)[ ]{1,2}(?:(?i:le|the)[ ]site[ ])?" + _SITE_WORD.format(n=2) + r")?"
)
_ADVERT_FORM = re.compile(
    r"(?<!\S)advert:(?:(?P<site>[a-z][a-z0-9.-]{1,80}):)?(?P<code>[A-Za-z0-9][\w-]{2,39})(?!\S)",
    re.ASCII,
)


def emails(text: str) -> Iterator[Found]:
    """E-mail addresses (an account of kind ``email:``) and fediverse names (``@name@host``)."""
    for match in _EMAIL.finditer(text):
        address = read_address(match["domain"])
        if address is None or address.host is None or not has_known_suffix(address.host):
            continue
        platform = "fediverse" if match["lead"] else "email"
        canonical = f"{platform}:{match['user'].lower()}@{address.host}"
        yield Found(*match.span(), LocatorKind.ACCOUNT, canonical, address.host, address.site, canonical)


def phones(text: str) -> Iterator[Found]:
    """Telephone numbers in E.164; one without a country is French (the default region)."""
    for match in _PHONES.finditer(text):
        digits = re.sub(r"[^0-9]", "", match.group().replace("(0)", ""))
        if match["plus33"]:
            number = f"+33{digits[-9:]}"
        elif match["abroad"]:
            number = f"+{digits.removeprefix('00')}"
        else:
            number = f"+33{digits[1:]}"
        if 8 <= len(number) - 1 <= 15:
            yield Found(*match.span(), LocatorKind.PHONE, number)


def adverts(text: str) -> Iterator[Found]:
    """References of adverts, with the site that carries them when it is named."""
    for match in _ADVERT_FORM.finditer(text):
        yield _advert(match.span(), match["code"], match["site"] or "")
    for match in _ADVERT.finditer(text):
        code, named = match["code"], match["site1"] or match["site2"] or ""
        if not _is_reference(code, is_weak=bool(match["weak"]), is_marked=bool(match["mark"])):
            continue
        end = match.end()
        if named and "." not in named and not _SEGMENT_END.match(text, end):
            named, end = "", match.end("code")
        yield _advert((match.start(), end), code, named.lower())


def _is_reference(code: str, *, is_weak: bool, is_marked: bool) -> bool:
    if not any(sign.isdigit() for sign in code):
        return False
    if is_weak and not is_marked:
        return len(code) >= 6
    return len(code) >= (4 if code.isdigit() else 3)


def _advert(span: tuple[int, int], code: str, named: str) -> Found:
    host = named.removeprefix("www.") if "." in named and has_known_suffix(named) else None
    canonical = f"advert:{host or named}:{code}" if named else f"advert:{code}"
    return Found(*span, LocatorKind.ADVERT, canonical, host, site_of(host) if host else None)


_SAID = (
    # snap: name · insta = @name · snapchat:name · mon insta c'est name_12
    (
        rf"{_PLATFORM}(?:[ ](?:id|name|user|username|pseudo|account|compte|handle))?[ ]{{0,2}}"
        rf"(?:(?P<sure>[:=→]|->|=>)|c['’]est|est|is)[ ]{{0,2}}"
        rf"(?P<quote>{_OPEN})?(?P<at>@)?(?P<name>{_HANDLE}){_AFTER}"
    ),
    # telegram @name · insta (@name)
    rf"{_PLATFORM}[ (]{{1,3}}(?P<at>@)(?P<name>{_HANDLE}){_AFTER}",
    # @name on Snapchat · @name (insta) · pseudo name sur snap · name_12 sur insta
    (
        rf"(?<![\w@./:-])(?P<key>(?:pseudo|username|user|handle)[ ]{{0,2}}[:=]?[ ]{{0,2}})?"
        rf"(?P<quote>{_OPEN})?(?P<at>@)?(?P<name>{_HANDLE})(?![\w@])(?:{_CLOSE})?"
        r"(?:[ ,]{1,3}(?:on|sur|via|from|in|dans|chez|de)[ ]{1,2}(?:l['’]|le[ ]|the[ ])?"
        rf"|(?P<beside>[ ,(\[–—-]{{1,4}})){_PLATFORM}(?![ ]{{0,2}}[:=@])"
    ),
)
_ALONE = (
    # A whole line or list entry: insta name · mon compte snap name
    r"(?:^|(?<=[\n,;|/•*(]))[ ]{0,4}(?:(?:mon|son|sa|ma|his|her|my|the|le|compte|account|profil|"
    rf"profile|pseudo|user|sur|on)[ ]{{1,2}}){{0,3}}{_PLATFORM}[ ]{{1,3}}(?P<quote>{_OPEN})?"
    rf"(?P<name>{_HANDLE}){_AFTER}"
)
_SAID_PATTERNS = tuple(re.compile(pattern, re.IGNORECASE | re.MULTILINE) for pattern in _SAID)
_ALONE_PATTERN = re.compile(_ALONE, re.IGNORECASE | re.MULTILINE)
_BARE_HANDLE = re.compile(rf"(?<![\w@./=:+-])@(?P<name>{_HANDLE}){_AFTER}")
_NAMED = re.compile(_PLATFORM, re.IGNORECASE)
_ACCOUNT_FORM = re.compile(rf"(?<!\S)(?P<platform>{'|'.join(BY_NAME)}):(?P<name>{_HANDLE})(?!\S)", re.IGNORECASE)
_UNKNOWN_FORM = re.compile(rf"(?<!\S)unknown:(?P<name>{_HANDLE})(?!\S)")
_TOO_SHORT_ALONE = frozenset({"x", "tg"})
_NUMBERED = frozenset({"discord", "roblox"})


def accounts(text: str) -> Iterator[Found]:
    """Accounts said in words, with their platform. Findings may overlap: the first one counts."""
    for match in _ACCOUNT_FORM.finditer(text):
        yield _account(match, BY_NAME[match["platform"].lower()])
    for match in _UNKNOWN_FORM.finditer(text):
        yield Found(*match.span(), LocatorKind.ACCOUNT, f"unknown:{match['name'].lower()}")
    for pattern in _SAID_PATTERNS:
        for match in pattern.finditer(text):
            if _is_said(match, text):
                yield _account(match, BY_WORD[match["word"].lower()])
    for match in _ALONE_PATTERN.finditer(text):
        word, name = match["word"].lower(), match["name"]
        is_end = bool(_SEGMENT_END.match(text, match.end()))
        if word not in _TOO_SHORT_ALONE and _is_handle(word, name, may_be_word=is_end):
            yield _account(match, BY_WORD[word])


def _is_said(match: re.Match[str], text: str) -> bool:
    groups = match.groupdict()
    word, name = match["word"].lower(), match["name"]
    if groups.get("at"):
        return any(sign.isalnum() for sign in name)
    if groups.get("beside"):
        return False
    is_end = bool(groups.get("sure")) and bool(_SEGMENT_END.match(text, match.end()))
    is_named = bool(groups.get("quote") or groups.get("key"))
    return _is_handle(word, name, may_be_word=is_end or is_named)


def _is_handle(word: str, name: str, *, may_be_word: bool) -> bool:
    if name.lower() in _NOT_HANDLES or name.lower() in BY_WORD:
        return False
    if not any(sign.isalpha() for sign in name):
        return BY_WORD[word].name in _NUMBERED and len(name) >= 6
    return may_be_word or any(sign.isdigit() or sign in "._" for sign in name)


def _account(match: re.Match[str], platform: Platform) -> Found:
    canonical = account_name(platform, match["name"])
    return Found(*match.span(), LocatorKind.ACCOUNT, canonical, platform.site, platform.site, canonical)


def bare_handles(text: str, whole: str) -> Iterator[Found]:
    """``@name`` with no platform beside it: the one named on its line in ``whole`` (the text
    before anything was blanked out), else ``unknown:name``."""
    lines = _LineReader(whole)
    for match in _BARE_HANDLE.finditer(text):
        platform = lines.platform_at(match.start())
        if platform is not None:
            yield _account(match, platform)
        elif any(sign.isalpha() for sign in match["name"]):
            yield Found(*match.span(), LocatorKind.ACCOUNT, f"unknown:{match['name'].lower()}")


class _LineReader:
    """Which platform a line names, worked out once a line."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._known: dict[int, Platform | None] = {}

    def platform_at(self, place: int) -> Platform | None:
        start = self._text.rfind("\n", 0, place) + 1
        if start not in self._known:
            stop = self._text.find("\n", place)
            line = self._text[start : stop if stop >= 0 else len(self._text)]
            named = {BY_WORD[match["word"].lower()].name for match in _NAMED.finditer(line)}
            self._known[start] = BY_WORD[named.pop()] if len(named) == 1 else None
        return self._known[start]
