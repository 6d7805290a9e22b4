"""The settings file: every mistake is a sentence that names its place, and no secret shows itself."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rempart.matcher.lists import Act, Trust
from rempart.matcher.policy import Rule
from rempart.matcher.settings import SettingsError, digest_of_key, read_settings

WHOLE = """
folder = "data"
dry_run = true
variants = false
pipelines = ["full", "full_fast"]

[server]
host = "0.0.0.0"
port = 9000
workers = 2
most_upload = "20 MB"
time_out = "10 s"

[[key]]
name = "uploads"
secret_env = "UPLOADS_KEY"
may_decide = false

[flood]
hits = 50
within = "10 min"

[[webhook]]
url = "https://platform.test/hits"
secret_file = "webhook.secret"

[[list]]
name = "minors"
url = "https://desk.test/"
user = "k1"
password = "p4ssw0rd"
interval = "30 s"
radius = 33
[list.policy.confirmed]
ratio = 0.5
[list.policy.disputed]
exact = "review"
near = "count"

[[list]]
name = "own"
shape = "file"
path = "own.txt"
"""
LEAST = '[[list]]\nname = "own"\nshape = "file"\npath = "own.txt"\n'


def read(folder: Path, text: str) -> object:
    (folder / "matcher.toml").write_text(text)
    return read_settings(folder / "matcher.toml", {"UPLOADS_KEY": "long secret"})


def test_a_whole_file(tmp_path: Path) -> None:
    (tmp_path / "webhook.secret").write_text("whsec_abc\n")
    (tmp_path / "matcher.toml").write_text(WHOLE)
    found = read_settings(tmp_path / "matcher.toml", {"UPLOADS_KEY": "long secret"})
    minors, own = found.lists
    assert found.folder == tmp_path / "data"
    assert (found.server.port, found.server.most_upload, found.server.time_out) == (9000, 20 * 10**6, timedelta(seconds=10))
    assert (minors.url, minors.password, minors.interval, minors.radius) == (
        "https://desk.test",
        "p4ssw0rd",
        timedelta(seconds=30),
        33,
    )
    assert minors.rules == {
        Trust.CONFIRMED: Rule(follow=True, ratio=0.5),
        Trust.DISPUTED: Rule(follow=False, exact=Act.REVIEW, near=Act.COUNT),
    }
    assert (own.path, own.tells, minors.tells) == (tmp_path / "own.txt", False, True)
    assert [(key.name, key.digest, key.may_decide) for key in found.keys] == [("uploads", digest_of_key("long secret"), False)]
    assert found.webhooks[0].secret == "whsec_abc"
    shown = repr(found)
    assert not [secret for secret in ("long secret", "p4ssw0rd", "whsec_abc") if secret in shown]


def test_little_is_enough(tmp_path: Path) -> None:
    found = read(tmp_path, LEAST)
    assert found.folder == tmp_path / "var"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "No list is named"),
        ("[[list", "cannot be read"),
        (LEAST + LEAST, "Two lists are named “own”"),
        (LEAST + "colour = 1", "There is no setting “list[1].colour”."),
        (LEAST + 'radius = "wide"', "“list[1].radius” must be a number from 0 to 47."),
        (LEAST + "radius = 48", "“list[1].radius” must be a number from 0 to 47."),
        (LEAST + "radius = true", "“list[1].radius” must be a number from 0 to 47."),
        (LEAST + 'interval = "soon"', "“list[1].interval” is a time such as"),
        (LEAST + '[server]\nhost = "0.0.0.0"', "Without a [[key]] anybody who reaches 0.0.0.0 could ask"),
        (LEAST + '[server]\nmost_upload = "much"', "“server.most_upload” is a size such as"),
        (LEAST + '[[key]]\nname = "a"', "“key[1].secret” must be given once"),
        (LEAST + '[[key]]\nname = "a"\nsecret = "s"\nsecret_env = "UPLOADS_KEY"', "“key[1].secret” must be given once"),
        (LEAST + '[[key]]\nname = "a"\nsecret_env = "NOTHING"', "“key[1].secret” is empty."),
        (LEAST + '[[key]]\nname = "a"\nsecret_file = "nothing"', "“key[1].secret_file” names a file that cannot be read."),
        (LEAST + '[list.policy.confirmed]\nnear = "destroy"', "“list[1].policy.confirmed.near” is “destroy”; it is one of"),
        (LEAST + "[list.policy.confirmed]\nratio = 1.5", "“list[1].policy.confirmed.ratio” must be a number from 0 to 1."),
        (LEAST + "[list.policy.trusted]\nratio = 1", "There is no setting “list[1].policy.trusted”."),
        ('[[list]]\nname = "A list"\nshape = "file"\npath = "x"', "“list[1].name” may have small letters"),
        ('[[list]]\nname = "a"\nshape = "csv"', "“list[1].shape” is “csv”; it is one of"),
        ('[[list]]\nname = "a"\nurl = "desk.test"\nuser = "u"\npassword = "p"', "“list[1].url” must be an address"),
        ('[[list]]\nname = "a"\nurl = "https://u:p@desk.test"\nuser = "u"\npassword = "p"', "without a password in it"),
        ('list = "minors"', "“list” must be written [[list]]."),
        (LEAST + 'server = "here"', "There is no setting “list[1].server”."),
        ('pipelines = ["raw"]\n' + LEAST, "“pipelines” may hold full, full_fast."),
    ],
)
def test_each_mistake_has_its_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, text)
    assert sentence in str(refused.value)


def test_no_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="does not exist"):
        read_settings(tmp_path / "nothing.toml")


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(max_size=80)
    | st.sampled_from(WHOLE.splitlines()).flatmap(lambda line: st.text(max_size=9).map(lambda end: line[:-2] + end))
)
def test_any_text_is_read_or_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    with suppress(SettingsError):
        read(tmp_path, text.encode(errors="ignore").decode())
