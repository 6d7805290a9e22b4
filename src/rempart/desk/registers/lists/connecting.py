"""What a platform types to read a list: the addresses of every shape, and whole commands with its own values.

A secret is in none of them: nobody but the platform has it. Commands ask for it where they run, so that it stays out of the
shell's history.
"""

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from rempart.desk.rules.lists import ListName

EXTENSION = "rempart.exchange"


class Way(StrEnum):
    """How a platform reads a list, the one we advise first."""

    EXTENSION = "extension"
    """``threatexchange``, with our extension: the NCMEC shape, where a withdrawal arrives."""
    HMA = "hma"
    """HMA, with the same extension."""
    FEED = "feed"
    """Our own JSON feed, with advice."""
    STOPNCII = "stopncii"
    """The StopNCII shape, for a tool that can be extended in no way: a withdrawal does not arrive."""
    MATCH = "match"
    """Asking about uploads, without holding the list."""


@dataclass(frozen=True, slots=True)
class Command:
    """What to type for one way. ``list_name``: the only list it is for; None when it is for all of the client's."""

    way: Way
    list_name: ListName | None
    text: str


def ncmec_address(public_url: str, list_name: ListName) -> str:
    """Base address of a list in the NCMEC shape."""
    return f"{public_url}/exchange/{list_name.value}/hashsharing"


def stopncii_address(public_url: str, list_name: ListName) -> str:
    """Base address of a list in the StopNCII shape."""
    return f"{public_url}/exchange/{list_name.value}/stopncii/v1"


def feed_address(public_url: str, list_name: ListName) -> str:
    """Our own feed of a list."""
    return f"{public_url}/api/v1/lists/{list_name.value}/entries"


def match_address(public_url: str) -> str:
    """Where uploads are asked about."""
    return f"{public_url}/api/v1/match"


def commands(public_url: str, key_id: str, association: str, lists: Sequence[ListName], *, holds_lists: bool) -> list[Command]:
    """Everything a client may type, in the order of the ways. One machine reads one list in the StopNCII shape: its tools hold
    one address."""
    if not holds_lists:
        return [Command(Way.MATCH, None, _match(public_url, key_id))]
    named = [(list_name, collaboration(association, list_name)) for list_name in sorted(lists, key=list(ListName).index)]
    read = [(ncmec_address(public_url, list_name), name) for list_name, name in named]
    one_by_one = [
        Command(Way.STOPNCII, list_name, _stopncii(stopncii_address(public_url, list_name), key_id, name))
        for list_name, name in named
    ]
    return [
        Command(Way.EXTENSION, None, _extension(read, key_id)),
        Command(Way.HMA, None, _hma(read, key_id)),
        Command(Way.FEED, None, _feed([feed_address(public_url, list_name) for list_name, _ in named], key_id)),
        *one_by_one,
        Command(Way.MATCH, None, _match(public_url, key_id)),
    ]


def collaboration(association: str, list_name: ListName) -> str:
    """What the platform calls the list: capitals, digits and ``_``, as a bank of HMA must be called."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", association) if not unicodedata.combining(sign))
    word = re.sub(r"[^A-Z0-9]+", "_", plain.upper()).strip("_") or "REMPART"
    return f"{word[:40].rstrip('_')}_{list_name.value.upper()}"


_ASKED = "read -rs SECRET   # this line alone first: paste the secret, then Enter; nothing is shown"


def _extension(read: Sequence[tuple[str, str]], key_id: str) -> str:
    lines = [
        _ASKED,
        f"""(umask 077; printf '%s:%s\\n' {key_id} "$SECRET" > ~/.tx_rempart_credentials)""",
        "pip install rempart threatexchange",
        f"threatexchange config extensions add {EXTENSION}",
    ]
    lines += [f"threatexchange config collab edit rempart --create --base-url {address} {name}" for address, name in read]
    return "\n".join([*lines, *(f"threatexchange fetch --only-collab {name}" for _, name in read)])


def _hma(read: Sequence[tuple[str, str]], key_id: str) -> str:
    curl = "curl --fail-with-body -H 'Content-Type: application/json'"
    configs = [json.dumps({"bank": name, "api": "rempart", "api_json": {"base_url": address}}) for address, name in read]
    lines = [
        "# In HMA's own environment: pip install rempart",
        f"# In the file that OMM_CONFIG names: from {EXTENSION} import PhotoSha256Signal, RempartExchangeAPI",
        "# and in its store: exchange_types=[…, RempartExchangeAPI], signal_types=[…, PhotoSha256Signal]",
        "HMA=http://127.0.0.1:5100   # where your HMA listens",
        _ASKED,
        f"""printf '{{"credential_json": {{"user": "{key_id}", "password": "%s"}}}}' "$SECRET" |""",
        f'  {curl} --data @- "$HMA/c/exchanges/api/rempart"',
    ]
    return "\n".join([*lines, *(f"""{curl} "$HMA/c/exchanges" --data \\\n  '{config}'""" for config in configs)])


def _feed(addresses: Sequence[str], key_id: str) -> str:
    shows = _bearer(key_id)
    return "\n".join([_ASKED, *(f"{shows}\n  curl --fail-with-body --config - '{address}'" for address in addresses)])


def _bearer(key_id: str) -> str:
    """The secret goes to curl through a pipe: no list of processes shows it."""
    return f"""printf 'header = "Authorization: Bearer {key_id}.%s"\\n' "$SECRET" |"""


def _stopncii(address: str, key_id: str, name: str) -> str:
    return f"""\
{_ASKED}
(umask 077; printf '%s,%s,%s\\n' "$SECRET" {key_id} {address} > ~/.tx_stopncii_keys)
threatexchange config collab edit stop_ncii --create {name}
threatexchange fetch --only-collab {name}
# Once a day: this tool keeps what was withdrawn until it is emptied.
threatexchange fetch --clear --only-collab {name} && threatexchange fetch --only-collab {name}"""


def _match(public_url: str, key_id: str) -> str:
    asks = "curl --fail-with-body --config - -H 'Content-Type: application/json' --data @uploads.json"
    body = """# uploads.json: {"questions": [{"sha256": "64 digits"}, {"pdq": "64 digits"}]}, up to 1,000 of them"""
    return f"{body}\n{_ASKED}\n{_bearer(key_id)}\n  {asks} '{match_address(public_url)}'"
