"""One address in its canonical form: what makes two addresses the same.

The rule is safety: two pages that may differ are never made one. So the canonical form is the
WHATWG serialisation (``ada_url``: lower-case host, IDNA, usual spelling of IPv4 and IPv6, no
default port, dot segments resolved) and, beyond it, only this:

* an address typed without scheme is read as ``https`` (``http`` for a hidden service, which
  needs no certificate, and for a ``.localhost`` name, which has none);
  ``http`` and ``https`` are both kept as typed (``Locator.identity`` sets them equal), ``www.`` stays, a final slash stays,
  the order of the query stays, userinfo stays (it is left out of ``host``);
* the root dot of a host name (``host.example.``) and an empty query are dropped; percent
  escapes are upper case, and those of unreserved signs are undone (RFC 3986, 6.2.2);
* parameters that only follow people (``utm_*``, ``fbclid`` …, a fixed table) are dropped;
* a fragment is kept only when it selects content: it holds ``/`` or ``!`` (hash routing), or
  the host is a file store that puts its key there. A text fragment (``:~:text=``) is dropped;
* on a platform of the table ``platforms``, hosts known to show the same pages become one, always
  ``https`` and without final slash; the ways to write a YouTube video become one;
* a magnet link with one BitTorrent hash is that hash; names and trackers are dropped.

Not undone on purpose: link shorteners, redirectors, archives, ``amp`` pages. What they lead to
is another address, known only by going there.
"""

import base64
import binascii
import ipaddress
import re
from dataclasses import dataclass
from functools import cache

from ada_url import URL, idna_to_ascii
from publicsuffixlist import PublicSuffixList

from rempart.desk.rules.locator_text import readable
from rempart.desk.rules.platforms import (
    BY_HOST,
    SHORT_VIDEO_HOSTS,
    Platform,
    account_in,
    platform_of,
)

MAX_URL = 8_192
"""Longest address read, in signs; a longer one is no address."""

_WEB = frozenset({"http:", "https:"})
_WITH_HOST = _WEB | {"ftp:", "ftps:", "sftp:", "ws:", "wss:", "rtmp:", "rtsp:", "ipfs:", "ipns:"}
_SCHEME = re.compile(r"(?i)(?:https?|ftps?|sftp|wss?|rtmp|rtsp|ip[fn]s)://|magnet:\?")
_OTHER_SCHEME = re.compile(r"(?i)[a-z][a-z0-9+.-]{1,30}:(?!\d{1,5}(?:[/?#]|$))")

_FOLLOWERS = (
    "fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid twclid ttclid igshid igsh mc_eid mc_cid "
    "_hsenc _hsmi mkt_tok oly_anon_id oly_enc_id vero_id wickedid li_fat_id rb_clickid "
    "scclid sccid"
)
_EVERYWHERE = frozenset(_FOLLOWERS.split())
_ON_SITE = {
    "youtube.com": frozenset({"si", "feature", "pp"}),
    "youtu.be": frozenset({"si", "feature"}),
    "open.spotify.com": frozenset({"si"}),
    "x.com": frozenset({"s", "t", "ref_src", "ref_url"}),
    "tiktok.com": frozenset({"_r", "_t", "is_from_webapp", "sender_device", "sender_web_id", "is_copy_url", "web_id"}),
    "facebook.com": frozenset({"mibextid", "__tn__", "__cft__[0]", "rdid"}),
    "reddit.com": frozenset({"rdt", "share_id"}),
    "instagram.com": frozenset({"ig_rid", "ig_mid", "ig_web_copy_link"}),
}
_KEY_IN_FRAGMENT = frozenset({"mega.nz", "mega.io", "mega.co.nz", "www.mega.nz"})
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_VIDEO_PATH = re.compile(r"/(?:shorts|embed|live|v)/([\w-]{11})/?", re.ASCII)
_SHORT_VIDEO_PATH = re.compile(r"/([\w-]{11})/?", re.ASCII)
_TORRENT = re.compile(r"(?i)xt=urn:btih:([0-9a-f]{40}|[a-z2-7]{32})(?:&|$)")
_WITHOUT_CERTIFICATE = re.compile(r"(?i)[^/?#]{1,300}\.(?:onion|i2p|localhost)\.?(?:[:/?#]|$)")
# RFC 2606 and 6761: names that nobody registers. Rehearsals, tests and examples use them.
_RESERVED = frozenset({"example", "test", "localhost", "invalid"})
_TOPIC = re.compile(r"(?i)[?&]xt(?:\.\d+)?=urn:")
# Narrower than what a browser opens: names that the DNS can hold, and IP addresses.
_HOST = re.compile(r"(?=.*[a-z0-9])[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\]")


@dataclass(frozen=True, slots=True)
class Address:
    """A canonical address and what can be read from it."""

    canonical: str
    host: str | None
    site: str | None
    account: str | None


def canonical_url(text: str) -> str | None:
    """The canonical form of one address, disguised or not, or None when it is none. Idempotent;
    never raises."""
    address = read_address(readable(text[:MAX_URL]).text) if len(text) <= MAX_URL else None
    return address.canonical if address else None


def read_address(text: str) -> Address | None:
    """Read one address whose disguises are already put right; None when it is none."""
    typed = text.strip().strip('<>"«»“”').strip()
    if not typed or len(typed) > MAX_URL or any(sign in typed for sign in '\n<>"'):
        return None
    if not _SCHEME.match(typed):
        if _OTHER_SCHEME.match(typed):
            return None
        bare = typed.removeprefix("//")
        typed = f"{'http' if _WITHOUT_CERTIFICATE.match(bare) else 'https'}://{bare}"
    try:
        return _address(URL(typed))
    except ValueError:  # also when a change makes it one that no browser would open
        return None


def _address(url: URL) -> Address | None:
    if url.protocol == "magnet:":
        return Address(_magnet(url.href), None, None, None) if _TOPIC.search(url.search) else None
    return _web_address(url)


def _web_address(url: URL) -> Address | None:
    if url.protocol not in _WITH_HOST or not _HOST.fullmatch(url.hostname.lower()):
        return None
    if " " in url.href:
        return None
    if url.hostname.endswith(".") and url.protocol in _WEB:
        url.hostname = url.hostname.rstrip(".")
    is_usual = url.protocol in _WEB and not url.port
    platform = platform_of(url.hostname) if is_usual else None
    _one_spelling(url)
    if platform is not None:
        _one_platform_spelling(url, platform)
    url.search = with_tracking_removed(url.search, url.hostname)
    fragment = kept_fragment(url.hash, url.hostname)
    url.hash = f"#{fragment}" if fragment else ""
    account = account_in(platform, url.hostname, url.pathname) if platform else None
    return Address(url.href, url.host, site_of(url.hostname), account)


def _one_spelling(url: URL) -> None:
    url.pathname = _usual_escapes(url.pathname)
    url.search = _usual_escapes(url.search)


def _usual_escapes(part: str) -> str:
    if _STRAY_PERCENT.search(part):
        return part
    return _ESCAPE.sub(_usual_escape, part)


def _usual_escape(match: re.Match[str]) -> str:
    sign = chr(int(match[1], 16))
    return sign if sign in _UNRESERVED else match.group().upper()


def _one_platform_spelling(url: URL, platform: Platform) -> None:
    is_short_host = url.hostname in SHORT_VIDEO_HOSTS
    pattern = _SHORT_VIDEO_PATH if is_short_host else _VIDEO_PATH
    video = pattern.fullmatch(url.pathname) if platform.name == "youtube" else None
    if is_short_host and not video:
        return
    if is_short_host or url.hostname in platform.hosts:
        url.protocol = "https:"
        url.hostname = platform.site or url.hostname
    if video:
        rest = url.search.removeprefix("?")
        url.pathname = "/watch"
        url.search = f"v={video[1]}{'&' if rest else ''}{rest}"
    elif len(url.pathname) > 1 and url.hostname in BY_HOST:
        url.pathname = url.pathname.rstrip("/") or "/"


def with_tracking_removed(query: str, hostname: str) -> str:
    """A query (with or without its ``?``) without the parameters that only follow people; the
    others keep their order and their spelling."""
    mark, body = query[:1] if query.startswith("?") else "", query.removeprefix("?")
    on_site = _ON_SITE.get(hostname, frozenset())
    kept = [part for part in body.split("&") if not _is_tracking(part, on_site)]
    return mark + "&".join(kept) if "".join(kept) else ""


def _is_tracking(parameter: str, on_site: frozenset[str]) -> bool:
    name = parameter.partition("=")[0].lower().replace("%5b", "[").replace("%5d", "]")
    return name.startswith("utm_") or name in _EVERYWHERE or name in on_site


def kept_fragment(fragment: str, hostname: str) -> str:
    """The part of a fragment (with or without its ``#``) that selects content, else empty."""
    kept = fragment.removeprefix("#").partition(":~:")[0]
    is_selecting = "/" in kept or "!" in kept or hostname in _KEY_IN_FRAGMENT
    return kept if is_selecting else ""


def _magnet(href: str) -> str:
    found = _TORRENT.findall(href.replace("&amp;", "&"))
    if len(found) != 1 or href.lower().count("xt=") + href.lower().count("xt.") != 1:
        return href
    value = found[0].lower()
    if len(value) == 32:
        try:
            value = base64.b32decode(value.upper()).hex()
        except binascii.Error:
            return href
    return f"magnet:?xt=urn:btih:{value}"


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def site_of(hostname: str) -> str:
    """The registrable domain, private suffixes counted (``user.github.io`` is its own site); an
    IP address is its own site, without brackets; so is a name with no suffix."""
    bare = hostname.strip("[]")
    if _is_ip(bare):
        return bare
    return str(_suffixes().privatesuffix(bare) or bare)


def has_known_suffix(hostname: str) -> bool:
    """Whether the name ends in a suffix of the public list, under which names are registered, or in a reserved one."""
    try:
        name = idna_to_ascii(hostname.lower()).decode()
    except ValueError:
        return False
    suffix = _suffixes().publicsuffix(name, accept_unknown=False)
    before, _dot, ending = name.removesuffix(".").rpartition(".")
    if ending == "i2p" or ending in _RESERVED:
        return bool(before)
    return bool(suffix) and suffix != name


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
