"""The platforms whose addresses and accounts we read with certainty, as one table.

A row says three things, and only what the platform itself makes certain: which host names show
the same pages, how an address names an account, and by which words people call the platform.
Handles are compared in lower case: on every platform listed they are not case-sensitive. A row
is added with the platform's own documentation at hand; when in doubt a host stays out, because
two pages that differ must never become one.
"""

import re
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Platform:
    """One platform. ``hosts`` show the same pages as ``site``; ``accounts`` are patterns over a
    path, each with a group ``name``; ``not_accounts`` are first words of paths that are pages of
    the platform itself; ``words`` are what people call it, in lower case."""

    name: str
    site: str | None
    hosts: frozenset[str] = frozenset()
    accounts: tuple[re.Pattern[str], ...] = ()
    not_accounts: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
    profile_hosts: str = field(default="")
    """Suffix of host names that are themselves accounts (``NAME.tumblr.com``), or empty."""


def _platform(
    name: str,
    site: str | None,
    *,
    hosts: str = "",
    accounts: tuple[str, ...] = (),
    pages: str = "",
    words: str = "",
    profile_hosts: str = "",
) -> Platform:
    same = {site, f"www.{site}", *hosts.split()} if site else set()
    return Platform(
        name=name,
        site=site,
        hosts=frozenset(host for host in same if host),
        accounts=tuple(re.compile(pattern, re.ASCII) for pattern in accounts),
        not_accounts=frozenset(pages.split()),
        words=(name, *(word.replace("_", " ") for word in words.split())),
        profile_hosts=profile_hosts,
    )


_FIRST = r"/(?P<name>[A-Za-z0-9._-]{2,64})(?:/|$)"
_AT = r"/@(?P<name>[A-Za-z0-9._-]{2,64})(?:/|$)"

PLATFORMS = (
    _platform(
        "instagram", "instagram.com", hosts="m.instagram.com instagr.am www.instagr.am",
        accounts=(r"/stories/(?!highlights/)(?P<name>[\w.]{1,30})(?:/|$)",
                  r"/(?P<name>[\w.]{1,30})(?:/|$)"),
        pages="p reel reels tv stories explore accounts direct about developer legal web api "
        "oauth emails challenge session s share",
        words="insta ig",
    ),
    _platform("tiktok", "tiktok.com", hosts="m.tiktok.com", accounts=(_AT,), words="tik_tok"),
    _platform(
        "x", "x.com",
        hosts="mobile.x.com m.x.com twitter.com www.twitter.com mobile.twitter.com m.twitter.com",
        accounts=(r"/(?P<name>\w{1,15})(?:/|$)",),
        pages="i home search explore hashtag intent share settings login signup tos privacy about "
        "messages notifications compose jobs download",
        words="twitter",
    ),
    _platform(
        "telegram", "t.me", hosts="telegram.me telegram.dog www.telegram.me www.telegram.dog",
        accounts=(r"/(?:s/)?(?P<name>[A-Za-z]\w{3,31})(?:/|$)",),
        pages="joinchat addstickers addemoji share socks proxy setlanguage iv c s addtheme bg "
        "login invoice addlist boost contact confirmphone giftcode",
        words="tg",
    ),
    _platform(
        "youtube", "youtube.com", hosts="m.youtube.com",
        accounts=(_AT, r"/(?:c|user)/(?P<name>[A-Za-z0-9._-]{2,64})(?:/|$)"), words="yt",
    ),
    _platform(
        "snapchat", "snapchat.com", hosts="m.snapchat.com",
        accounts=(r"/add/(?P<name>[A-Za-z][A-Za-z0-9._-]{2,14})(?:/|$)", _AT), words="snap",
    ),
    _platform(
        "facebook", "facebook.com",
        hosts="m.facebook.com mbasic.facebook.com touch.facebook.com web.facebook.com "
        "fr-fr.facebook.com en-gb.facebook.com fb.com www.fb.com",
        accounts=(r"/(?P<name>[A-Za-z0-9.]{5,64})(?:/|$)",),
        pages="pages groups events watch photo photos video videos reel reels story.php stories "
        "permalink.php profile.php photo.php share sharer sharer.php login login.php help "
        "marketplace gaming people hashtag policies privacy settings messages public legal media "
        "business plugins dialog recover search",
        words="fb",
    ),
    _platform("onlyfans", "onlyfans.com", accounts=(_FIRST,),
              pages="my posts search help terms privacy login about faq contact dmca"),
    _platform("mym", "mym.fans", accounts=(_FIRST,), words="mym.fans mymfans",
              pages="app login signup help about legal terms search explore discover fr en"),
    _platform(
        "vk", "vk.com", hosts="m.vk.com vk.ru www.vk.ru m.vk.ru vkontakte.ru www.vkontakte.ru",
        accounts=((r"/(?P<name>(?!(?:wall|photo|video|album|clip|topic|doc|audio|story|market|"
                  r"poll|page|note)-?\d)[A-Za-z0-9_.]{3,32})(?:/|$)"),),
        pages="feed im friends groups search video videos music apps about terms privacy login "
        "join support dev market audios share.php away.php clips", words="vkontakte",
    ),
    _platform(
        "reddit", "reddit.com",
        hosts="old.reddit.com new.reddit.com np.reddit.com m.reddit.com i.reddit.com "
        "sh.reddit.com amp.reddit.com",
        accounts=(r"/(?:user|u)/(?P<name>[A-Za-z0-9_-]{2,32})(?:/|$)",),
    ),
    _platform("twitch", "twitch.tv", hosts="m.twitch.tv", accounts=(r"/(?P<name>\w{3,25})(?:/|$)",),
              pages="videos directory settings downloads jobs search subscriptions p store turbo "
              "prime drops wallet friends team"),
    _platform("threads", "threads.net", hosts="threads.com www.threads.com", accounts=(_AT,)),
    _platform("bluesky", "bsky.app", accounts=(r"/profile/(?P<name>[A-Za-z0-9.:-]{3,100})(?:/|$)",),
              words="bsky"),
    _platform("discord", "discord.com",
              hosts="discordapp.com www.discordapp.com ptb.discord.com canary.discord.com",
              accounts=(r"/users/(?P<name>\d{15,21})(?:/|$)",)),
    _platform("linkedin", "linkedin.com", hosts="m.linkedin.com fr.linkedin.com",
              accounts=(r"/in/(?P<name>[A-Za-z0-9-]{3,100})(?:/|$)",)),
    _platform("pinterest", "pinterest.com", hosts="fr.pinterest.com m.pinterest.com",
              accounts=(r"/(?P<name>\w{3,30})(?:/|$)",),
              pages="pin search ideas today login settings business source categories explore"),
    _platform("fansly", "fansly.com", accounts=(_FIRST,),
              pages="post search settings home explore legal about messages live"),
    _platform("whatsapp", "wa.me", accounts=(r"/\+?(?P<name>[1-9]\d{7,14})(?:/|$)",)),
    _platform("tumblr", "tumblr.com", accounts=(r"/(?P<name>[A-Za-z0-9-]{1,32})(?:/|$)",),
              pages="tagged search explore login register dashboard blog policy about settings "
              "privacy communities", profile_hosts=".tumblr.com"),
    _platform("kik", "kik.me", accounts=(r"/(?P<name>[\w.]{2,20})(?:/|$)",)),
    _platform("roblox", "roblox.com", accounts=(r"(?:/[a-z]{2})?/users/(?P<name>\d+)(?:/|$)",)),
    _platform("skype", None),
    _platform("yubo", None),
    _platform("wizz", None),
    _platform("signal", None),
    _platform("wechat", None),
)  # fmt: skip

BY_HOST = {host: platform for platform in PLATFORMS for host in platform.hosts}
BY_NAME = {platform.name: platform for platform in PLATFORMS}
BY_WORD = {word: platform for platform in PLATFORMS for word in platform.words}
SHORT_VIDEO_HOSTS = frozenset({"youtu.be", "www.youtu.be"})


def platform_of(hostname: str) -> Platform | None:
    """The platform a host name (without port) belongs to, or None."""
    if hostname in BY_HOST:
        return BY_HOST[hostname]
    if hostname in SHORT_VIDEO_HOSTS:
        return BY_NAME["youtube"]
    for platform in PLATFORMS:
        if platform.profile_hosts and hostname.endswith(platform.profile_hosts):
            return platform
    return None


def account_in(platform: Platform, hostname: str, path: str) -> str | None:
    """The canonical ``platform:handle`` an address of this platform clearly is or carries."""
    suffix = platform.profile_hosts
    if suffix and hostname.endswith(suffix) and hostname not in platform.hosts:
        return account_name(platform, hostname.removesuffix(suffix))
    first = path[1:].partition("/")[0].lower()
    for pattern in platform.accounts:
        found = pattern.match(path)
        name = found["name"] if found else ""
        if name and (name.lower() not in platform.not_accounts or name.lower() != first):
            return account_name(platform, name)
    return None


def account_name(platform: Platform, handle: str) -> str:
    """``platform:handle`` with the handle as compared: lower case, without a final full stop."""
    return f"{platform.name}:{handle.lower().rstrip('.')}"
