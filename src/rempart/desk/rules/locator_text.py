"""Pasted text made readable: signs nobody sees, wide signs, and addresses disguised on purpose.

Every change keeps the way back: ``Readable`` knows, for each sign, where it stood in the text as
typed, so that what is found is quoted as the person wrote it. All patterns are bounded: each
runs in time proportional to the text.
"""

import re
import unicodedata
from collections.abc import Callable

_Replace = str | Callable[[re.Match[str]], str]

_WIDE = {wide: chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)}
_WIDE |= dict.fromkeys((0x3002, 0xFF61, 0xFE52, 0x2024), ".")
_IS_WIDE = re.compile("[" + "".join(map(chr, _WIDE)) + "]")
_WORD = re.compile(r"\S+")
_HEAD = re.compile(r"(?:[a-z]{3,5}://)?[!-.0-~]+\.[!-.0-~]+/", re.IGNORECASE)
_LINES = {0x2028: "\n", 0x2029: "\n", 0x85: "\n", 0x0B: "\n", 0x0C: "\n", 0x0D: "\n"}
_UNSEEN = frozenset({"Cf", "Cs", "Cn", "Co"})

# An address whose scheme and host are plain is left as it is: dots between brackets in its path
# are its own. Only the others are read as disguised.
_PLAIN_ADDRESS = (
    r"(?P<plain>(?i:https?|ftp)://(?:\[[0-9A-Fa-f:.]{2,45}\]|[^\s/?#\[\](){}<>\",;|«»“”]+)"
    r"(?::\d{1,5})?(?=[/?#])"
    r"(?:(?![,;|](?i:h(?:tt|xx|\*\*)p|meow))[^\s<>\"«»“”])*)"
)
_ENDINGS = "com|net|org|fr|be|ch|eu|info|io|co|uk|de|ru|tv|xyz|onion|site|online|fans|gg|app"
_DISGUISES: tuple[tuple[str, str], ...] = (
    (r"[ \t]?[\[({<][ \t]?(?i:dot|point|\.)[ \t]?[\])}>][ \t]?", "."),
    (r"\[\.(?=\w)|(?<=\w)\.\](?=\w)", "."),
    (r"[ \t]?[\[({<][ \t]?(?i:at|arobase|@)[ \t]?[\])}>][ \t]?", "@"),
    (r"\[://\]|\[:\]//|:\[//\]|\[:\]\[/\]\[/\]|\(:\)//", "://"),
    (r"(?<=\w)\[:\](?=\d)", ":"),
    (r"\[/\]", "/"),
    (rf"(?<=\w)[ \t]{{1,2}}(?i:dot|point)[ \t]{{1,2}}(?=(?i:{_ENDINGS})\b)", "."),
    (r"(?<![A-Za-z0-9])(?i:h(?:xx|\*\*|xt|tx|__|##)p)(?P<s1>[sS]?)(?=[ \t]?[\[(]?:)", "http"),
    (r"(?<![A-Za-z0-9])(?i:meow)(?P<s2>[sS]?)(?=:|\[:|\(:)", "http"),
    (r"(?<![A-Za-z0-9])(?i:fxp)(?=:|\[:)", "ftp"),
)  # fmt: skip
_DISGUISED = re.compile("|".join([_PLAIN_ADDRESS, *(f"(?P<d{i}>{p})" for i, (p, _) in enumerate(_DISGUISES))]))
_SLIPS = re.compile(
    r"(?<![\w/=&?%.~#!$'*+@:,;|-])(?i:h?t?tp(?P<s>s?))[ \t]?[:;]?[ \t]?"
    r"(?:(?:\\?/|\\){2}|(?<=:)/)(?:[ \t]{1,2}(?=[\w-]{1,63}\.\w))?(?=[\w\[@])"
)
_TWICE = re.compile(r"(?<![\w/=?&])(?:(?i:https?)://)+(?=(?i:https?)://)")
_MARKDOWN = re.compile(r"\]\((?=[ \t]?(?i:h[tx*]|ftp|www\.|meow|<|\w{1,63}\.))")


class Readable:
    """A text being made readable, and where each of its signs stood in the original."""

    __slots__ = ("_original", "_origins", "text")

    def __init__(self, original: str) -> None:
        self._original = original
        kept = [(sign, at) for at, sign in enumerate(map(_readable, original)) if sign]
        self.text = "".join(sign for sign, _ in kept)
        self._origins = [at for _, at in kept] + [len(original)]

    def replace(self, pattern: re.Pattern[str], by: _Replace) -> None:
        """Replace every match, keeping the way back to the original."""
        parts: list[str] = []
        origins: list[int] = []
        last = 0
        for match in pattern.finditer(self.text):
            new = by if isinstance(by, str) else by(match)
            parts += [self.text[last : match.start()], new]
            origins += self._origins[last : match.start()]
            origins += self._spread(match, new)
            last = match.end()
        self.text = "".join([*parts, self.text[last:]])
        self._origins = origins + self._origins[last:]

    def _spread(self, match: re.Match[str], new: str) -> list[int]:
        if len(new) == match.end() - match.start():
            return self._origins[match.start() : match.end()]
        return [self._origins[match.start()]] * len(new)

    def typed(self, start: int, end: int) -> str:
        """What the person typed for the signs from ``start`` to ``end``, trimmed."""
        first, last = self._origins[start], self._origins[end]
        while last <= first and end < len(self._origins) - 1:
            end += 1
            last = self._origins[end]
        return self._original[first:last].strip()


def _readable(sign: str) -> str:
    if " " < sign < "\x7f" or sign in " \n":
        return sign
    code = ord(sign)
    if code in _LINES:
        return _LINES[code]
    category = unicodedata.category(sign)
    if category in _UNSEEN or code == 0xFE0F:
        return ""
    return " " if category in {"Zs", "Cc"} else sign


def _undisguised(match: re.Match[str]) -> str:
    if match["plain"] is not None:
        return match["plain"]
    secure = "s" if (match["s1"] or match["s2"]) else ""
    by = next(new for i, (_, new) in enumerate(_DISGUISES) if match[f"d{i}"] is not None)
    return by + secure


def _unslipped(match: re.Match[str]) -> str:
    return f"http{match['s'].lower()}://"


def _put_right(match: re.Match[str]) -> str:
    """Wide signs as ordinary ones, sign for sign, unless only the path holds them: there they
    may name another page."""
    word = match.group()
    if not _IS_WIDE.search(word):
        return word
    head = _HEAD.match(word)
    is_only_in_path = head is not None and not _IS_WIDE.search(head.group())
    return word if is_only_in_path else word.translate(_WIDE)


def readable(text: str) -> Readable:
    """A pasted text, cleaned and with its disguised addresses put right."""
    result = Readable(text)
    result.replace(_MARKDOWN, "  ")
    result.replace(_WORD, _put_right)
    result.replace(_DISGUISED, _undisguised)
    result.replace(_SLIPS, _unslipped)
    result.replace(_TWICE, "")
    # Again: what was put right may only now look like the end of a link.
    result.replace(_MARKDOWN, "  ")
    return result


def refang(text: str) -> str:
    """Put disguised addresses right in a text (``hxxps[:]//host[.]example`` and its many
    cousins), and drop the signs nobody sees. Idempotent on ordinary text; never raises."""
    return readable(text).text


_SCHEMED = re.compile(r"(?i)(?<![A-Za-z0-9])(h(?:tt|xx)ps?|f[tx]p)://([^\s/?#<>\"]+)")
_BARE = re.compile(r"(?P<start>[^\s/?#:@]*@)?(?P<host>[^\s/?#:@]+)(?P<rest>(?::\d+)?(?:[/?#]\S*)?)")
_PLAIN_DOT = re.compile(r"(?<!\[)\.(?!\])")


def defang(text: str) -> str:
    """Make addresses harmless to click, for screens and mails: ``hxxps://host[.]example/…``.

    Works on a text holding any number of addresses with a scheme, and on a text that is nothing
    but a host, an address without scheme or an e-mail address. Only scheme and host change.
    Idempotent.
    """
    alone = _BARE.fullmatch(text)
    if alone and _PLAIN_DOT.search(alone["host"]):
        return (alone["start"] or "") + _PLAIN_DOT.sub("[.]", alone["host"]) + alone["rest"]
    return _SCHEMED.sub(_disarmed, text)


def _disarmed(match: re.Match[str]) -> str:
    scheme = match[1].lower().replace("tt", "xx").replace("ftp", "fxp")
    return f"{scheme}://{_PLAIN_DOT.sub('[.]', match[2])}"
