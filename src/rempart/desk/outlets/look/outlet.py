"""Look at one address and say what can honestly be said of it."""

import re
import socket
import ssl
from dataclasses import dataclass
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

from rempart.desk.outlets.look.destinations import (
    Refused,
    Resolve,
    Target,
    addresses_of,
    check_name,
    check_port,
    read_target,
    system_resolve,
)
from rempart.desk.outlets.look.troubles import Trouble
from rempart.desk.outlets.look.wire import Deadline, Garbage, Head, TooMuch, call
from rempart.desk.rules.notice import Seen

MAX_REDIRECTS = 5
_MISSING = frozenset({404, 410, 451})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})

# Names IANA keeps alive for everybody: if even these do not resolve, it is our resolver that is blind, not the site that is gone.
_CONTROLS = ("example.org", "example.com")

_HOME = re.compile(r"^/(?:[a-z]{2}(?:[-_][a-z]{2})?/?)?(?:(?:index|home|default|accueil)(?:\.\w{2,5})?/?)?$", re.IGNORECASE)
_SIGN_IN = re.compile(
    r"(?:^|[/_.\-])(?:log[-_]?in|sign[-_]?in|sign[-_]?up|auth|sso|oauth2?|connexion|account|session|register|age|consent|checkpoint"
    r"|captcha|challenge|verify)(?:$|[/_.\-?=])",
    re.IGNORECASE,
)
_SORRY = re.compile(
    r"(?:^|[/_.\-])(?:40[0-9]|410|451|50[0-9]|not-?_?found|removed|deleted|suspended|unavailable|error|blocked|gone|missing)"
    r"(?:$|[/_.\-?=])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look saw. ``trouble`` is a word of :class:`Trouble`, empty when a plain status says it all."""

    seen: Seen
    status: int | None = None
    trouble: str = ""


def look(url: str, *, allow_private: bool, resolve: Resolve = system_resolve, deadline: Deadline | None = None) -> Looked:
    """Look once, in ten seconds at most. Never raises.

    ``allow_private`` is for rehearsal: ``localhost``, names under it and 127.0.0.1 may be called then.
    """
    try:
        return _follow(read_target(url), _Manner(allow_private, resolve, deadline or Deadline()))
    except Refused as refused:
        return Looked(Seen.UNREACHABLE_BY_RULE, trouble=refused.trouble)
    except socket.gaierror as error:
        return _no_name(error, resolve)
    except (Garbage, UnicodeError):
        return Looked(Seen.UNCLEAR, trouble=Trouble.GARBAGE)
    except TooMuch:
        return Looked(Seen.UNCLEAR, trouble=Trouble.TOO_MUCH)
    except TimeoutError:
        return Looked(Seen.UNCLEAR, trouble=Trouble.TIMEOUT)
    except ConnectionRefusedError:
        return Looked(Seen.UNCLEAR, trouble=Trouble.REFUSED)
    except ssl.SSLError:
        return Looked(Seen.UNCLEAR, trouble=Trouble.TLS)
    except OSError:
        return Looked(Seen.UNCLEAR, trouble=Trouble.CONNECTION)


@dataclass(frozen=True, slots=True)
class _Manner:
    allow_private: bool
    resolve: Resolve
    deadline: Deadline


def _follow(reported: Target, manner: _Manner) -> Looked:
    here, visited = reported, {reported}
    for _ in range(MAX_REDIRECTS + 1):
        head = _head_of(here, reported, manner)
        if head.status not in _REDIRECTS or not head.location:
            return _judge(head, here, reported)
        there = read_target(head.location, base=_text_of(here))
        check_name(there, allow_private=manner.allow_private)
        if _site(there.host) != _site(reported.host):
            # The other site is not called: what it shows is another address, for a person to look at.
            return Looked(Seen.MOVED, head.status)
        if there in visited:
            return Looked(Seen.UNCLEAR, head.status, Trouble.LOOP)
        check_port(there, reported.port)
        visited.add(there)
        here = there
    return Looked(Seen.UNCLEAR, trouble=Trouble.REDIRECTS)


def _head_of(target: Target, reported: Target, manner: _Manner) -> Head:
    """HEAD first; GET, left after its head, wherever a server may have answered about HEAD rather than about the page."""
    check_port(target, reported.port)
    check_name(target, allow_private=manner.allow_private)
    left = manner.deadline.left()
    addresses = addresses_of(target, manner.resolve, left, allow_private=manner.allow_private)
    try:
        head = call("HEAD", target, addresses, manner.deadline)
        if head.status < 400 or head.status == 429:
            return head
    except (Garbage, ConnectionResetError):
        pass
    return call("GET", target, addresses, manner.deadline)


def _judge(head: Head, here: Target, reported: Target) -> Looked:
    trouble = Trouble.CERTIFICATE if head.has_bad_certificate else Trouble.NONE
    if head.status in _MISSING:
        # Anybody on the way could have said it: without a certificate that stands, "gone" is hearsay.
        return Looked(Seen.UNCLEAR if head.has_bad_certificate else Seen.MISSING, head.status, trouble)
    if not 200 <= head.status < 300:
        return Looked(Seen.UNCLEAR, head.status, trouble)
    stray = _stray(here, reported)
    return Looked(Seen.UNCLEAR if stray else Seen.ONLINE, head.status, stray or trouble)


def _stray(here: Target, reported: Target) -> Trouble:
    """Whether a redirect inside the site led to a page that says nothing about the reported one."""
    if here.path == reported.path:
        return Trouble.NONE
    path = here.path.partition("?")[0]
    if _HOME.match(path) and not _HOME.match(reported.path.partition("?")[0]):
        return Trouble.HOME_PAGE
    if _SIGN_IN.search(path) and not _SIGN_IN.search(reported.path):
        return Trouble.SIGN_IN_PAGE
    if _SORRY.search(path) and not _SORRY.search(reported.path):
        return Trouble.SORRY_PAGE
    return Trouble.NONE


def _text_of(target: Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    return f"{target.scheme}://{host}:{target.port}{target.path}"


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def _site(host: str) -> str:
    """The registrable part of a name; an IP address, or a name without one, is its own site."""
    return str(_suffixes().privatesuffix(host) or host) if not host.replace(".", "").isdigit() else host


def _no_name(error: socket.gaierror, resolve: Resolve) -> Looked:
    if error.errno == getattr(socket, "EAI_NODATA", None):
        return Looked(Seen.UNCLEAR, trouble=Trouble.NO_ADDRESS)
    if error.errno == socket.EAI_NONAME and _sees_names(resolve):
        return Looked(Seen.MISSING, trouble=Trouble.NO_SUCH_NAME)
    return Looked(Seen.UNCLEAR, trouble=Trouble.NO_RESOLVER)


def _sees_names(resolve: Resolve) -> bool:
    """Whether our resolver finds names at all: a machine that lost its network says "no such name" of every name."""
    for name in _CONTROLS:
        try:
            if resolve(name, 3.0):
                return True
        except (OSError, TimeoutError):
            continue
    return False
