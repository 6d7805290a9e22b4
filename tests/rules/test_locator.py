"""What people really paste, case by case; what must hold for any text is in test_locator_properties."""

import pytest

from rempart.desk.rules.locator import (
    LocatorKind,
    canonical_url,
    defang,
    read_locators,
    refang,
    with_tracking_removed,
)

PASTED = [
    # Addresses as they are
    ("https://example.com/page", ["https://example.com/page"]),
    ("HTTP://Example.COM:80/a/../b", ["http://example.com/b"]),
    ("example.com", ["https://example.com/"]),
    ("www.example.com/x", ["https://www.example.com/x"]),
    ("//example.com/x", ["https://example.com/x"]),
    ("example.co.uk/x?b=2&a=1", ["https://example.co.uk/x?b=2&a=1"]),
    ("http://münich.example/ä", ["http://xn--mnich-kva.example/%C3%A4"]),
    ("münchen.de", ["https://xn--mnchen-3ya.de/"]),
    ("https://example.com:8443/x", ["https://example.com:8443/x"]),
    ("https://name:secret@example.com/x", ["https://name:secret@example.com/x"]),
    ("http://example.com./x", ["http://example.com/x"]),
    ("http://localhost:8000/x", ["http://localhost:8000/x"]),
    ("https://a_b.example.com", ["https://a_b.example.com/"]),
    ("https:/example.com/x", ["https://example.com/x"]),
    ("https//example.com/x", ["https://example.com/x"]),
    ("http;//example.com/x", ["http://example.com/x"]),
    ("ttps://example.com/x", ["https://example.com/x"]),
    ("https: //example.com/x", ["https://example.com/x"]),
    ("https:// example.com/x", ["https://example.com/x"]),
    ("http://https://example.com/x", ["https://example.com/x"]),
    (r"https:\/\/example.com\/x", ["https://example.com//x"]),
    (r"https:\\example.com\x", ["https://example.com/x"]),
    # Numbers for hosts
    ("http://192.0.2.1/x", ["http://192.0.2.1/x"]),
    ("192.0.2.1", ["https://192.0.2.1/"]),
    ("192.0.2.1:8080/x", ["https://192.0.2.1:8080/x"]),
    ("http://0xC0.0.2.1/", ["http://192.0.2.1/"]),
    ("http://3221225985/", ["http://192.0.2.1/"]),
    ("http://0300.0.0.02.1/ http://192.0.513/", ["http://192.0.2.1/"]),
    ("http://[2001:DB8:0:0::1]:8080/x", ["http://[2001:db8::1]:8080/x"]),
    ("[2001:db8::1]/x", ["https://[2001:db8::1]/x"]),
    # Other networks
    ("http://expyuzz4wqqyqhjn.onion/x", ["http://expyuzz4wqqyqhjn.onion/x"]),
    ("expyuzz4wqqyqhjn.onion", ["http://expyuzz4wqqyqhjn.onion/"]),
    ("ftp://files.example.com/a", ["ftp://files.example.com/a"]),
    # Reserved names
    ("site.example/x", ["https://site.example/x"]),
    ("site.example", ["https://site.example/"]),
    ("voir www.site.example, merci", ["https://www.site.example/"]),
    ("site[.]example/x?a=1", ["https://site.example/x?a=1"]),
    ("site.test/x site.invalid:8443/y", ["https://site.test/x", "https://site.invalid:8443/y"]),
    ("pixels.localhost:8001/image/7", ["http://pixels.localhost:8001/image/7"]),
    ("PIXELS.localhost./x", ["http://pixels.localhost/x"]),
    ("pixels[.]localhost:8001/image/7", ["http://pixels.localhost:8001/image/7"]),
    ("https://pixels.localhost/x", ["https://pixels.localhost/x"]),
    ("pixels.localhost.com/x", ["https://pixels.localhost.com/x"]),
    ("for example. a test. invalid", []),
    ("app.test.js", []),
    ("lea@site.example", ["email:lea@site.example"]),
    (
        "magnet:?dn=x&xt=urn:btih:0123456789ABCDEF0123456789ABCDEF01234567&tr=udp://t",
        ["magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567"],
    ),
    (
        "magnet:?xt=urn:btih:AERUKZ4JVPG66AJDIVTYTK6N54ASGRLH",
        ["magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567"],
    ),
    # Several, in sentences
    ("https://a.com/1\nhttps://a.com/2", ["https://a.com/1", "https://a.com/2"]),
    ("https://a.com/1 https://a.com/2", ["https://a.com/1", "https://a.com/2"]),
    ("https://a.com/1,https://a.com/2;https://a.com/3", [f"https://a.com/{n}" for n in (1, 2, 3)]),
    ("a.com/1,b.com/2; c.com", ["https://a.com/1", "https://b.com/2", "https://c.com/"]),
    ("https://a.comhttps://b.com", ["https://a.com/", "https://b.com/"]),
    ("https://a.com/x,thumb.jpg", ["https://a.com/x,thumb.jpg"]),
    ("a.com/x,thumb.jpg", ["https://a.com/x,thumb.jpg"]),
    ("https://a.com/1 et encore https://a.com/1.", ["https://a.com/1"]),
    ("J'ai vu ça : https://a.com/x. C'est grave !", ["https://a.com/x"]),
    ("C'est sur https://a.com/x, et (https://b.com/y)", ["https://a.com/x", "https://b.com/y"]),
    ("<https://a.com/x> « https://b.com » \"c.com/z\"", ["https://a.com/x", "https://b.com/", "https://c.com/z"]),
    ("(voir https://en.example.org/wiki/Foo_(bar))", ["https://en.example.org/wiki/Foo_(bar)"]),
    ("[une page](https://a.com/x)", ["https://a.com/x"]),
    ("[https://a.com/x](https://a.com/x)", ["https://a.com/x"]),
    ('<a href="https://a.com/x">ici</a>', ["https://a.com/x"]),
    ("lien:https://a.com/x", ["https://a.com/x"]),
    ("https://web.archive.org/web/2020/https://a.com/", ["https://web.archive.org/web/2020/https://a.com/"]),
    # Disguised
    ("hxxp://a[.]com/x", ["http://a.com/x"]),
    ("hXXps[:]//a[.]example[.]com/x", ["https://a.example.com/x"]),
    ("hxxps[://]a(.)com", ["https://a.com/"]),
    ("h**ps://a{.}com", ["https://a.com/"]),
    ("meow://a[dot]com/x", ["http://a.com/x"]),
    ("a dot com", ["https://a.com/"]),
    ("exemple point fr", ["https://exemple.fr/"]),
    ("a (dot) com/x", ["https://a.com/x"]),
    ("hxxps://a[.]com/page[.]html", ["https://a.com/page.html"]),
    ("https://a.com/x[.]y", ["https://a.com/x[.]y"]),
    ("fxp://a[.]com/x", ["ftp://a.com/x"]),
    ("https://exa\u200bmple.com/\u2060x", ["https://example.com/x"]),
    ("ｈｔｔｐｓ：／／ａ．ｃｏｍ／ｘ", ["https://a.com/x"]),
    ("https://a。com/x", ["https://a.com/x"]),
    ("https://a.com/Ａ", ["https://a.com/%EF%BC%A1"]),
    # Tracking, fragments
    ("https://a.com/x?utm_source=m&id=3&fbclid=Z", ["https://a.com/x?id=3"]),
    ("https://a.com/x?si=1&s=2&t=3", ["https://a.com/x?si=1&s=2&t=3"]),
    ("https://a.com/x?#top", ["https://a.com/x"]),
    ("https://a.com/#!/x https://a.com/#/y", ["https://a.com/#!/x", "https://a.com/#/y"]),
    ("https://a.com/x#:~:text=mot", ["https://a.com/x"]),
    ("https://mega.nz/folder/abc#Key_1", ["https://mega.nz/folder/abc#Key_1"]),
    # Platforms
    ("https://twitter.com/Name/status/1?s=20", ["https://x.com/Name/status/1"]),
    ("http://mobile.twitter.com/Name/", ["https://x.com/Name"]),
    ("https://youtu.be/dQw4w9WgXcQ?si=abc&t=3", ["https://youtube.com/watch?v=dQw4w9WgXcQ&t=3"]),
    ("https://m.youtube.com/shorts/dQw4w9WgXcQ", ["https://youtube.com/watch?v=dQw4w9WgXcQ"]),
    ("https://www.instagram.com/p/abc/?igsh=x", ["https://instagram.com/p/abc"]),
    ("https://vm.tiktok.com/ABC/", ["https://vm.tiktok.com/ABC/"]),
    ("discord.gg/abcd", ["https://discord.gg/abcd"]),
    # Accounts
    ("@lea.2008 on Snapchat", ["snapchat:lea.2008"]),
    ("snap: lea_08", ["snapchat:lea_08"]),
    ("Snap : Lea", ["snapchat:lea"]),
    ("insta lea.dpt", ["instagram:lea.dpt"]),
    ("insta lea", ["instagram:lea"]),
    ("mon insta c'est lea_b", ["instagram:lea_b"]),
    ("@lea sur insta", ["instagram:lea"]),
    ("@lea (tiktok)", ["tiktok:lea"]),
    ("telegram @xyz", ["telegram:xyz"]),
    ("tg @foo_bar et snap: baz", ["telegram:foo_bar", "snapchat:baz"]),
    ("pseudo kiki sur TikTok", ["tiktok:kiki"]),
    ("discord: name#1234", ["discord:name#1234"]),
    ("Snapchat: @a1 @b2", ["snapchat:a1", "snapchat:b2"]),
    ("@lea, snap @bob", ["snapchat:lea", "snapchat:bob"]),
    ("＠lea on X", ["x:lea"]),
    ("@live on Twitch, insta @00_7", ["twitch:live", "instagram:00_7"]),
    ("snapchat:00_00", ["snapchat:00_00"]),
    ("insta : 2024", []),
    ("@lea", ["unknown:lea"]),
    ("@lea@mastodon.social", ["fediverse:lea@mastodon.social"]),
    ("lea.b@Example.com", ["email:lea.b@example.com"]),
    ("lea (at) example (dot) com", ["email:lea@example.com"]),
    ("mailto:lea@example.com", ["email:lea@example.com"]),
    # Telephone numbers
    ("06 12 34 56 78", ["+33612345678"]),
    ("06.12.34.56.78 / 0698765432", ["+33612345678", "+33698765432"]),
    ("+33 (0)6 12-34-56-78", ["+33612345678"]),
    ("0033612345678", ["+33612345678"]),
    ("tel:+33612345678", ["+33612345678"]),
    ("son numéro 0612 345 678", ["+33612345678"]),
    ("+32 470 12 34 56", ["+32470123456"]),
    ("whatsapp +1 (415) 555-0100", ["+14155550100"]),
    # Adverts
    ("annonce 123456 sur site.com", ["advert:site.com:123456"]),
    ("annonce n° 987654 sur leboncoin", ["advert:leboncoin:987654"]),
    ("Annonce sur www.site.com : A12-345", ["advert:site.com:A12-345"]),
    ("ad ref ABC123", ["advert:ABC123"]),
    ("réf. 12345", ["advert:12345"]),
    ("site.com/annonce-12345?ref=98765&tel=0612345678", ["https://site.com/annonce-12345?ref=98765&tel=0612345678"]),
    ("site.com/insta:lea_1 snap/insta : lea_b", ["https://site.com/insta:lea_1", "instagram:lea_b"]),
    ("ad123456.com", ["https://ad123456.com/"]),
    ("@a.com", ["unknown:a.com"]),
    # Nothing to go to
    ("", []),
    ("http://(.)/ http://.a.com/ http://a..com/ http://a!b.com/", ["https://b.com/"]),
    ("magnet:?dn=x https://", []),
    ("Bonjour, je ne sais pas quoi faire. Merci", []),
    ("Bonjour.Je voulais vous dire", []),
    ("J'ai 14 ans, le 01/02/2024 à 10:30, ratio 3.5, 12.50 euros", []),
    ("le 06.07.2024 10 h", []),
    ("Sur Snapchat : on m'a envoyé une photo", []),
    ("compte piraté sur insta", []),
    ("photo.jpg video.mov archive.zip", []),
    ("version 1.2.3 et 192.168.1.300", []),
    ("javascript:alert(1) data:text/html,x file:///etc/passwd", []),
    ("http:// https:// ... www. @ + #", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), PASTED)
def test_what_people_paste(text: str, expected: list[str]) -> None:
    assert [one.canonical for one in read_locators(text)] == expected


@pytest.mark.parametrize(
    ("text", "host", "site"),
    [
        ("https://a.b.example.co.uk:8443/", "a.b.example.co.uk:8443", "example.co.uk"),
        ("https://lea.github.io/", "lea.github.io", "lea.github.io"),
        ("https://github.io/", "github.io", "github.io"),
        ("http://u:p@example.com/", "example.com", "example.com"),
        ("http://192.0.2.1:81/", "192.0.2.1:81", "192.0.2.1"),
        ("http://[2001:db8::1]:81/", "[2001:db8::1]:81", "2001:db8::1"),
        ("http://www.abc.onion/", "www.abc.onion", "abc.onion"),
        ("http://intranet/", "intranet", "intranet"),
        ("magnet:?xt=urn:btih:" + "0" * 40, None, None),
        ("@lea on Snapchat", "snapchat.com", "snapchat.com"),
        ("06 12 34 56 78", None, None),
        ("annonce 12345 sur m.site.com", "m.site.com", "site.com"),
    ],
)
def test_host_and_site(text: str, host: str | None, site: str | None) -> None:
    (one,) = read_locators(text)
    assert (one.host, one.site) == (host, site)


@pytest.mark.parametrize(
    ("address", "account"),
    [
        ("instagram.com/Lea.B/", "instagram:lea.b"),
        ("instagram.com/stories/lea/123", "instagram:lea"),
        ("instagram.com/lea/p/abc", "instagram:lea"),
        ("instagram.com/reel/abc", None),
        ("www.tiktok.com/@lea/video/1", "tiktok:lea"),
        ("twitter.com/Lea/status/1", "x:lea"),
        ("x.com/i/status/1", None),
        ("x.com/home", None),
        ("t.me/Channel_1/22", "telegram:channel_1"),
        ("t.me/s/channel", "telegram:channel"),
        ("t.me/+AbCdEf", None),
        ("t.me/joinchat/AbC", None),
        ("youtube.com/@Lea/videos", "youtube:lea"),
        ("youtube.com/watch?v=dQw4w9WgXcQ", None),
        ("snapchat.com/add/lea", "snapchat:lea"),
        ("facebook.com/lea.b.12/posts/1", "facebook:lea.b.12"),
        ("facebook.com/groups/123", None),
        ("onlyfans.com/lea", "onlyfans:lea"),
        ("mym.fans/Lea", "mym:lea"),
        ("m.vk.com/id123", "vk:id123"),
        ("vk.com/wall-1_2", None),
        ("old.reddit.com/u/Lea", "reddit:lea"),
        ("reddit.com/r/x/comments/1", None),
        ("twitch.tv/lea_1", "twitch:lea_1"),
        ("discord.gg/lea", None),
        ("discord.com/invite/lea", None),
        ("discord.com/users/123456789012345678", "discord:123456789012345678"),
        ("wa.me/33612345678", "whatsapp:33612345678"),
        ("lea.tumblr.com/post/1", "tumblr:lea"),
        ("instagram.com.evil.example/lea", None),
        ("instagram.com:8443/lea", None),
        ("example.com/@lea", None),
    ],
)
def test_the_account_an_address_carries(address: str, account: str | None) -> None:
    (one,) = read_locators(f"https://{address}")
    assert one.kind is LocatorKind.URL
    assert one.account == account


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://a.com/", "https://a.com/"),
        ("https://a.com/", "https://www.a.com/"),
        ("https://a.com/x", "https://a.com/x/"),
        ("https://a.com/X", "https://a.com/x"),
        ("https://a.com/?a=1&b=2", "https://a.com/?b=2&a=1"),
        ("https://a.com/?id=1", "https://a.com/?id=2"),
        ("https://a.com/a%2Fb", "https://a.com/a/b"),
        ("https://a.com//x", "https://a.com/x"),
        ("https://a.com/", "https://a.com:8443/"),
        ("https://m.a.com/", "https://a.com/"),
        ("https://a.com/#/x", "https://a.com/#/y"),
        ("https://user@a.com/", "https://a.com/"),
        ("https://lea.github.io/", "https://bob.github.io/"),
        ("https://youtu.be/dQw4w9WgXcQ", "https://youtu.be/dQw4w9WgXcq"),
        ("https://vm.tiktok.com/ABC", "https://tiktok.com/ABC"),
    ],
)
def test_pages_that_may_differ_stay_apart(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


def test_what_was_typed_is_quoted_as_typed() -> None:
    text = "Voir hxxps[:]//ex\u200bample[.]com/x. Ou ＠lea sur Snap !"
    assert [one.typed for one in read_locators(text)] == [
        "hxxps[:]//ex\u200bample[.]com/x",
        "＠lea sur Snap",
    ]


@pytest.mark.parametrize(
    ("plain", "harmless"),
    [
        ("https://host.example/a.html?x=1.5", "hxxps://host[.]example/a.html?x=1.5"),
        ("http://192.0.2.1:80/", "hxxp://192[.]0[.]2[.]1:80/"),
        ("ftp://a.b/", "fxp://a[.]b/"),
        ("host.example/a.html", "host[.]example/a.html"),
        ("lea@host.example", "lea@host[.]example"),
        ("a https://x.example/ b http://y.example c", "a hxxps://x[.]example/ b hxxp://y[.]example c"),
        ("Rien à faire. Merci", "Rien à faire. Merci"),
    ],
)
def test_defang(plain: str, harmless: str) -> None:
    assert defang(plain) == harmless
    assert defang(harmless) == harmless
    assert refang(harmless) == plain


def test_tracking_leaves_the_rest_as_it_is() -> None:
    assert with_tracking_removed("?b=%20&utm_x=1&a&&c=", "a.com") == "?b=%20&a&&c="
    assert with_tracking_removed("?utm_x=1", "a.com") == ""
    assert with_tracking_removed("si=1&v=2", "youtube.com") == "v=2"


def test_http_and_https_are_two_spellings_of_one_address() -> None:
    plain, sure = read_locators("http://a.example/x")[0], read_locators("https://a.example/x")[0]
    assert plain.canonical != sure.canonical
    assert plain.identity == sure.identity
    assert len(read_locators("http://a.example/x https://a.example/x a.example/x")) == 1
    assert read_locators("ftp://a.example/x")[0].identity != sure.identity
