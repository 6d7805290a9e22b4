"""What must hold for anything at all that may be pasted: read, bounded, the same however it is written."""

import time
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rempart.desk.rules.locator import (
    MAX_LOCATORS,
    MAX_TEXT,
    canonical_url,
    defang,
    read_locators,
    refang,
)
from tests.rules.test_locator import PASTED

letters = st.sampled_from("abcdefghijklmnopqrstuvwxyz0123456789")
labels = st.text(letters, min_size=2, max_size=10)
endings = st.sampled_from(["com", "fr", "co.uk", "org", "net", "example", "localhost"])
hosts = st.builds(lambda names, end: ".".join(["h", *names, end]), st.lists(labels, min_size=1, max_size=3), endings)
pieces = st.text(st.sampled_from("abcXYZ019-_~"), min_size=1, max_size=8)
queries = st.lists(st.builds("{}={}".format, pieces, pieces), max_size=3).map("&".join)


@st.composite
def addresses(draw: st.DrawFn) -> str:
    """A canonical address on no known platform."""
    scheme = draw(st.sampled_from(["http", "https"]))
    port = draw(st.sampled_from(["", ":8080"]))
    path = "/".join(draw(st.lists(pieces, max_size=4)))
    query = draw(queries)
    fragment = draw(st.sampled_from(["", "#!x", "#/a/b"]))
    return f"{scheme}://{draw(hosts)}{port}/{path}{'?' + query if query else ''}{fragment}"


def _host_of(address: str) -> str:
    return address.split("/")[2].partition(":")[0]


def _in_host(address: str, old: str, new: str) -> str:
    return address.replace(_host_of(address), _host_of(address).replace(old, new), 1)


def _with_query(address: str, parameter: str) -> str:
    before, mark, fragment = address.partition("#")
    return f"{before}{'&' if '?' in before else '?'}{parameter}{mark}{fragment}"


def _escaped(address: str) -> str:
    before, host, after = address.partition(_host_of(address))
    path, fragment_mark, fragment = after.partition("#")
    return before + host + path.replace("a", "%61").replace("~", "%7e") + fragment_mark + fragment


def _without_scheme(address: str) -> str:
    """Without the scheme that is read when none is typed: ``http`` for a ``.localhost`` name, which has no certificate."""
    return address.removeprefix("http://" if _host_of(address).endswith(".localhost") else "https://")


# What may happen to the end of an address, then to its beginning: any pair must still be read.
Disguise = Callable[[str], str]
AT_THE_END: list[Disguise] = [
    lambda a: a,
    lambda a: _with_query(a, "utm_source=mail"),
    lambda a: _with_query(a, "fbclid=IwAR0"),
    lambda a: a + ":~:text=x" if "#" in a else a + "#top",
    _escaped,
]
AT_THE_START: list[Disguise] = [
    lambda a: a,
    lambda a: a.replace("http", "hxxp", 1),
    lambda a: a.replace("http", "hXXp", 1).replace("://", "[:]//", 1),
    lambda a: a.replace("http", "HTTP", 1),
    lambda a: a.replace("://", ": //", 1),
    lambda a: _in_host(a, ".", "[.]"),
    lambda a: _in_host(a, ".", "(.)"),
    lambda a: _in_host(a, ".", "[dot]"),
    lambda a: _in_host(a, ".", " (dot) "),
    lambda a: a.replace(_host_of(a), _host_of(a).upper(), 1),
    lambda a: a.replace(_host_of(a), f"{_host_of(a)}.", 1),
    lambda a: a.replace("://h.", "://h.\u200b", 1),
    lambda a: "".join(chr(ord(sign) + 0xFEE0) for sign in a),
    _without_scheme,
    defang,
]
WRAPPINGS = ["{}", " {} ", "<{}>", "« {} »", "({})", "{}.", "{},", "{} !", "voir {}, merci", '"{}"', "[x]({})"]


@given(addresses(), st.sampled_from(AT_THE_END), st.sampled_from(AT_THE_START), st.sampled_from(WRAPPINGS))
@example("https://h.00.localhost/", AT_THE_END[0], _without_scheme, "{}")
@example("http://h.00.localhost/", AT_THE_END[0], _without_scheme, "{}")
def test_two_spellings_of_one_address_meet(address: str, end: Disguise, start: Disguise, wrapping: str) -> None:
    (one,) = read_locators(wrapping.format(start(end(address))))
    assert one.canonical == address


@given(addresses() | st.text() | st.text(min_size=1).map("https://a.com/{}".format))
@example("https://a.com/%%37e")
@example("http://a.com/%25%37e?%%61")
def test_a_canonical_address_is_its_own(text: str) -> None:
    canonical = canonical_url(text)
    if canonical is not None:
        assert canonical_url(canonical) == canonical


handles = st.builds("{}_{}".format, labels, labels)
others = st.one_of(
    st.builds("{}:{}".format, st.sampled_from(["snapchat", "instagram", "telegram", "unknown", "x"]), handles),
    st.builds("email:{}@{}".format, labels, hosts),
    st.builds("fediverse:{}@{}".format, labels, hosts),
    st.integers(600000000, 799999999).map("+33{}".format),
    st.builds("advert:{}:{}".format, hosts, st.integers(10000, 10**9)),
    st.integers(10000, 10**9).map("advert:{}".format),
)


@given(st.lists(addresses() | others, max_size=8, unique=True), st.sampled_from(["\n", " \n ", "\r\n"]))
def test_canonical_forms_can_be_pasted_again(canonicals: list[str], between: str) -> None:
    assert [one.canonical for one in read_locators(between.join(canonicals))] == canonicals


@given(st.lists(st.sampled_from([text for text, _ in PASTED]), max_size=4))
def test_what_was_read_from_anything_reads_again_as_itself(texts: list[str]) -> None:
    first = [(one.kind, one.canonical) for one in read_locators("\n".join(texts))]
    again = read_locators("\n".join(canonical for _, canonical in first))
    assert [(one.kind, one.canonical) for one in again] == first


@given(addresses())
def test_defang_and_refang_undo_each_other(address: str) -> None:
    harmless = defang(address)
    assert "http" not in harmless.partition("//")[0]
    assert "." not in _host_of(harmless).replace("[.]", "")
    assert defang(harmless) == harmless
    assert refang(harmless) == address


hostile = st.text(st.sampled_from("hxtps:/.@[](){}<>\"'«»,;|#?%&=+- \n\t\r0169aé\u200b\ud800\uff0e。snapdote\\\x00\u202e*!~"))


@given(st.text(st.characters(exclude_categories=())) | hostile)
@example("0．AL:")
@settings(max_examples=300)
def test_nothing_pasted_ever_raises(text: str) -> None:
    found = read_locators(text)
    assert len(found) <= MAX_LOCATORS
    assert len({(one.kind, one.canonical) for one in found}) == len(found)
    assert all(one.typed in text and one.typed == one.typed.strip() and one.typed for one in found)
    assert all(one.host is None or one.host.isascii() for one in found)
    canonical_url(text)
    assert defang(defang(text)) == defang(text)
    refang(text)


@pytest.mark.parametrize("seed", ["a.", "@a ", "snap: ", "http://", "https://a.com/", "a.com,", "a.com/,", "a@", "06 ", "+1",
                                  "annonce ", "[.]", "ａ", "(", " ", "https://", "a dot ", "é.fr/ ", "1.", "\n"])  # fmt: skip
def test_time_grows_with_the_text_and_no_faster(seed: str) -> None:
    """Three seconds of work is ten times what the slowest takes; a quadratic pattern takes minutes."""
    text = seed * (MAX_TEXT // 4 // len(seed))
    start = time.process_time()
    read_locators(text)
    defang(text)
    assert time.process_time() - start < 3


soup = st.lists(
    st.sampled_from(
        ["https://", "a.com", "/x", ",", " ", "@", "snap: ", "annonce ", "n° ", "12345", "06 ", "[.]", "(.)", "hxxp", "www.",
         ")", "](", "é.fr", "+33", "magnet:?", "xt=urn:btih:", "[", "::", "1.", "%", "#", "?", "ａ", "<", "\\/", "sur ", "a_b"]
    ),
    max_size=30,
).map("".join)  # fmt: skip


@given(soup)
@example("https://ａhttps://")
@example("a.com??")
@example("a.com/##/x")
@example("https://https://https://https://https://](sur [.]")
@example("12345https://](sur [.]")
@example("12345https://](sur．")
@settings(max_examples=300)
def test_no_soup_of_fragments_ever_raises(text: str) -> None:
    for one in read_locators(text):
        assert one.typed
    canonical = canonical_url(text)
    assert canonical is None or canonical_url(canonical) == canonical


def test_only_so_much_is_read() -> None:
    many = read_locators("\n".join(f"https://a.com/{n}" for n in range(MAX_LOCATORS + 50)))
    assert len(many) == MAX_LOCATORS
    assert len(read_locators("a.com/1 a.com/2 a.com/3", limit=2)) == 2
    assert read_locators(" " * MAX_TEXT + "https://a.com/") == ()
    assert canonical_url("https://a.com/" + "x" * 10_000) is None


@given(hosts, pieces)
@example("h.00.localhost", "a")
def test_a_host_needs_no_scheme(host: str, path: str) -> None:
    """Whichever scheme is then read, it is the same thing as with the other one."""
    (bare,) = read_locators(f"{host}/{path}")
    assert bare.host == host
    assert {read_locators(f"{scheme}://{host}/{path}")[0].identity for scheme in ("http", "https")} == {bare.identity}
