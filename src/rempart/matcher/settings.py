"""The matcher's one settings file (TOML), or what the command line says. Every mistake is a sentence that names its place.

Secrets may stand in the file, in a file of their own (``password_file``) or in the environment (``password_env``).
"""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rempart.engine.index.interface import USUAL_RADIUS, WIDEST_RADIUS
from rempart.matcher.lists import Act, Trust
from rempart.matcher.policy import Rule

SHAPES = ("rempart", "ncmec", "stopncii", "file")
USUAL_INTERVAL = timedelta(minutes=1)
LIST_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_UNITS = {"s": "seconds", "min": "minutes", "h": "hours", "d": "days"}
_LENGTH = re.compile(r"(\d+(?:\.\d+)?) ?(s|min|h|d)")
_SIZE = re.compile(r"(\d+) ?(kB|MB|GB)")
_BYTES = {"kB": 10**3, "MB": 10**6, "GB": 10**9}


class SettingsError(ValueError):
    """The text is a sentence for the person who wrote the settings; it repeats no secret."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where and how answers are served. ``workers``: 0 for one a core."""

    host: str = "127.0.0.1"
    port: int = 8100
    workers: int = 0
    most_upload: int = 100 * 10**6
    """Bytes of one upload; a larger one is refused (413)."""
    time_out: timedelta = timedelta(seconds=30)
    """For one request, from its first byte to its answer."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """Who may ask. Only a digest is held."""

    name: str
    digest: bytes = field(repr=False)
    may_decide: bool = True
    """May tell decisions and disable entries, not only ask."""


@dataclass(frozen=True, slots=True)
class ListSettings:
    """One list of one owner, and what is done about its matches."""

    name: str
    shape: str
    url: str = ""
    path: Path | None = None
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    feedback_password: str = field(default="", repr=False)
    """For telling, where the owner wants another one there."""
    members: frozenset[str] = frozenset()
    interval: timedelta = USUAL_INTERVAL
    stale_after: timedelta = timedelta(hours=1)
    """Without news of the owner for so long, the list is stale: readiness says so, answers go on."""
    radius: int = USUAL_RADIUS
    rules: Mapping[Trust, Rule] = field(default_factory=dict)
    tells: bool = True
    """Decisions are told to the owner."""


@dataclass(frozen=True, slots=True)
class Flood:
    """So many hits on one entry within this time pause it for review. 0 hits: never."""

    hits: int = 100
    within: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Webhook:
    """Who is told of each hit. ``secret`` as Standard Webhooks writes it (``whsec_…``)."""

    url: str
    secret: str = field(repr=False)
    is_private: bool = False
    """Its name may lead to an address of the platform's own network."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything one matcher is told."""

    folder: Path
    lists: tuple[ListSettings, ...]
    server: Server = Server()
    keys: tuple[ApiKey, ...] = ()
    """Without any, whoever reaches the port may ask: allowed on this machine's own address only."""
    is_dry_run: bool = False
    flood: Flood = Flood()
    webhooks: tuple[Webhook, ...] = ()
    pipelines: tuple[str, ...] = ("full",)
    """How uploads become PDQs: "full", "full_fast"; see the engine."""
    asks_variants: bool = True
    """Also ask for what a re-uploader does to a picture: mirror, border, crop, caption."""


def read_settings(path: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """Raises SettingsError, also where the file is missing."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"The settings file {path} does not exist.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"The settings file {path} cannot be read: {error}.") from None
    return settings_of(content, base=path.parent, environment=environment)


def settings_of(content: Mapping[str, Any], *, base: Path, environment: Mapping[str, str]) -> Settings:
    """From the content of a settings file; ``base``: what relative paths are relative to."""
    top = _Table(content, "", base, environment)
    made = Settings(
        folder=base / top.text("folder", "var"),
        lists=tuple(_list(one) for one in top.tables("list")),
        server=_server(top.table("server")),
        keys=tuple(_key(one) for one in top.tables("key")),
        is_dry_run=top.flag("dry_run", False),
        flood=_flood(top.table("flood")),
        webhooks=tuple(_webhook(one) for one in top.tables("webhook")),
        pipelines=tuple(top.words("pipelines", ("full",), allowed=("full", "full_fast"))),
        asks_variants=top.flag("variants", True),
    )
    top.end()
    return checked(made)


def checked(settings: Settings) -> Settings:
    """What no single line shows. Raises SettingsError."""
    names = [one.name for one in settings.lists]
    if not names:
        raise SettingsError("No list is named: add a [[list]] with its address.")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise SettingsError(f"Two lists are named “{twice}”: each needs a name of its own.")
    if not settings.keys and settings.server.host not in {"127.0.0.1", "::1", "localhost"}:
        raise SettingsError(
            f"Without a [[key]] anybody who reaches {settings.server.host} could ask: add one, or listen on 127.0.0.1."
        )
    return settings


def digest_of_key(secret: str) -> bytes:
    """As :class:`ApiKey` holds it. Keys are long and drawn by chance: one round is enough."""
    return hashlib.sha256(b"rempart matcher key\0" + secret.encode()).digest()


def _server(table: _Table) -> Server:
    usual = Server()
    made = Server(
        host=table.text("host", usual.host),
        port=table.number("port", usual.port, 0, 65_535),
        workers=table.number("workers", usual.workers, 0, 256),
        most_upload=table.size("most_upload", usual.most_upload),
        time_out=table.length("time_out", usual.time_out),
    )
    table.end()
    return made


def _key(table: _Table) -> ApiKey:
    made = ApiKey(table.text("name"), digest_of_key(table.secret("secret")), table.flag("may_decide", True))
    table.end()
    return made


def _flood(table: _Table) -> Flood:
    usual = Flood()
    made = Flood(table.number("hits", usual.hits, 0, 10**9), table.length("within", usual.within))
    table.end()
    return made


def _webhook(table: _Table) -> Webhook:
    made = Webhook(table.address("url"), table.secret("secret"), table.flag("private", False))
    table.end()
    return made


def _list(table: _Table) -> ListSettings:
    shape = table.text("shape", "rempart")
    if shape not in SHAPES:
        raise SettingsError(f"{table.place('shape')} is “{shape}”; it is one of {', '.join(SHAPES)}.")
    name = table.text("name")
    if not LIST_NAME.fullmatch(name):
        raise SettingsError(f"{table.place('name')} may have small letters, figures and hyphens, 40 at most.")
    is_file = shape == "file"
    made = ListSettings(
        name=name,
        shape=shape,
        url="" if is_file else table.address("url"),
        path=table.base / table.text("path") if is_file else None,
        user="" if is_file else table.text("user"),
        password="" if is_file else table.secret("password"),
        feedback_password=table.secret("feedback_password") if table.has_secret("feedback_password") else "",
        members=frozenset(table.words("members", ())),
        interval=table.length("interval", USUAL_INTERVAL),
        stale_after=table.length("stale_after", timedelta(hours=1)),
        radius=table.number("radius", USUAL_RADIUS, 0, WIDEST_RADIUS),
        rules=_rules(table.table("policy")),
        tells=table.flag("tells", not is_file),
    )
    table.end()
    return made


def _rules(table: _Table) -> dict[Trust, Rule]:
    rules = {trust: _rule(table.table(trust.value)) for trust in Trust if table.has(trust.value)}
    table.end()
    return rules


def _rule(table: _Table) -> Rule:
    usual = Rule()
    follow = not (table.has("exact") or table.has("near"))
    ratio = table.number("ratio", 1, 0, 1)
    made = Rule(follow, _act(table, "exact", usual.exact), _act(table, "near", usual.near), float(ratio))
    table.end()
    return made


def _act(table: _Table, name: str, usual: Act) -> Act:
    text = table.text(name, usual.value)
    if text not in set(Act):
        raise SettingsError(f"{table.place(name)} is “{text}”; it is one of {', '.join(Act)}.")
    return Act(text)


class _Table:
    """One table of the file: each value asked once, with its kind; what was not asked is a misspelling."""

    def __init__(self, content: Mapping[str, Any], name: str, base: Path, environment: Mapping[str, str]) -> None:
        self._left, self._name, self.base, self._environment = dict(content), name, base, environment

    def place(self, key: str) -> str:
        return f"“{self._name}.{key}”" if self._name else f"“{key}”"

    def has(self, key: str) -> bool:
        return key in self._left

    def has_secret(self, key: str) -> bool:
        return any(self.has(name) for name in (key, f"{key}_file", f"{key}_env"))

    def text(self, key: str, usual: str | None = None) -> str:
        found = self._take(key, usual)
        if not isinstance(found, str) or not found:
            raise SettingsError(f"{self.place(key)} must be a text.")
        return found

    def flag(self, key: str, usual: bool) -> bool:
        found = self._take(key, usual)
        if not isinstance(found, bool):
            raise SettingsError(f"{self.place(key)} must be true or false.")
        return found

    def number(self, key: str, usual: int, least: int, most: int) -> int:
        found = self._take(key, usual)
        is_number = isinstance(found, int | float) and not isinstance(found, bool)
        if not is_number or not least <= found <= most or (most > 1 and not isinstance(found, int)):
            raise SettingsError(f"{self.place(key)} must be a number from {least} to {most}.")
        return found  # type: ignore[no-any-return]  # a share may have decimals

    def words(self, key: str, usual: tuple[str, ...], *, allowed: tuple[str, ...] = ()) -> list[str]:
        found = self._take(key, list(usual))
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise SettingsError(f"{self.place(key)} must be a list of texts.")
        if allowed and (not found or set(found) - set(allowed)):
            raise SettingsError(f"{self.place(key)} may hold {', '.join(allowed)}.")
        return found

    def length(self, key: str, usual: timedelta) -> timedelta:
        if not self.has(key):
            return usual
        found = _LENGTH.fullmatch(self.text(key))
        if not found or not float(found[1]):
            raise SettingsError(f"{self.place(key)} is a time such as “30 s”, “5 min”, “2 h” or “1 d”.")
        return timedelta(**{_UNITS[found[2]]: float(found[1])})

    def size(self, key: str, usual: int) -> int:
        if not self.has(key):
            return usual
        found = _SIZE.fullmatch(self.text(key))
        if not found:
            raise SettingsError(f"{self.place(key)} is a size such as “500 kB” or “100 MB”.")
        return int(found[1]) * _BYTES[found[2]]

    def address(self, key: str) -> str:
        text = self.text(key)
        try:
            found = urlsplit(text)
            is_good = found.scheme in {"http", "https"} and bool(found.hostname) and not (found.username or found.query)
        except ValueError:
            is_good = False
        if not is_good:
            raise SettingsError(f"{self.place(key)} must be an address that begins with https://, without a password in it.")
        return text.rstrip("/")

    def secret(self, key: str) -> str:
        """From here, from the file named by ``<key>_file``, or from the environment variable named by ``<key>_env``."""
        given = [name for name in (key, f"{key}_file", f"{key}_env") if self.has(name)]
        if len(given) != 1:
            raise SettingsError(f"{self.place(key)} must be given once: as {key}, {key}_file or {key}_env.")
        value = self.text(given[0])
        if given[0].endswith("_file"):
            try:
                value = (self.base / value).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                raise SettingsError(f"{self.place(given[0])} names a file that cannot be read.") from None
        elif given[0].endswith("_env"):
            value = self._environment.get(value, "")
        if not value:
            raise SettingsError(f"{self.place(key)} is empty.")
        return value

    def table(self, key: str) -> _Table:
        found = self._take(key, {})
        if not isinstance(found, dict):
            raise SettingsError(f"{self.place(key)} must be a table.")
        return _Table(found, f"{self._name}.{key}" if self._name else key, self.base, self._environment)

    def tables(self, key: str) -> list[_Table]:
        found = self._take(key, [])
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise SettingsError(f"{self.place(key)} must be written [[{key}]].")
        return [_Table(one, f"{key}[{place}]", self.base, self._environment) for place, one in enumerate(found, start=1)]

    def end(self) -> None:
        """Nothing may be left that nobody asked for."""
        if self._left:
            raise SettingsError(f"There is no setting {self.place(next(iter(self._left)))}.")

    def _take(self, key: str, usual: Any) -> Any:
        if key in self._left:
            return self._left.pop(key)
        if usual is None:
            raise SettingsError(f"{self.place(key)} is missing.")
        return usual
