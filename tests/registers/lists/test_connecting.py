"""What a platform types: whole commands that a shell reads as they stand, with its own values, and no secret in them."""

from __future__ import annotations

import re
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.desk.registers.lists.connecting import Way, collaboration, commands
from rempart.desk.rules.lists import ListName

BOTH = list(ListName)


@given(st.text(max_size=80), st.sampled_from(ListName))
def test_a_list_is_called_as_a_bank_of_hma_must_be(association: str, list_name: ListName) -> None:
    assert re.fullmatch(r"[A-Z0-9_]+", collaboration(association, list_name))


def test_names_are_those_people_know() -> None:
    assert collaboration("Les Phares d’Étretat", ListName.MINORS) == "LES_PHARES_D_ETRETAT_MINORS"
    assert collaboration("灯台", ListName.ADULTS) == "REMPART_ADULTS"


@pytest.mark.parametrize("holds_lists", [True, False])
def test_a_shell_reads_them(holds_lists: bool) -> None:
    for one in commands("https://desk.example.org", "kabc", "L'Étoile", BOTH, holds_lists=holds_lists):
        done = subprocess.run(["bash", "-n"], input=one.text, text=True, capture_output=True)
        assert (done.returncode, done.stderr) == (0, ""), one.text
        assert "kabc" in one.text
        assert "rempart_" not in one.text.replace("tx_rempart_credentials", "")


def test_in_the_order_we_advise() -> None:
    found = commands("https://desk.example.org", "kabc", "X", BOTH[::-1], holds_lists=True)
    assert [one.way for one in found] == [Way.EXTENSION, Way.HMA, Way.FEED, Way.STOPNCII, Way.STOPNCII, Way.MATCH]
    assert [one.list_name for one in found if one.list_name] == BOTH
    assert [one.way for one in commands("https://x", "k", "X", BOTH, holds_lists=False)] == [Way.MATCH]
    only = commands("https://x", "k", "X", [ListName.ADULTS], holds_lists=True)
    assert not any("minors" in one.text.lower() for one in only)


def test_the_secret_goes_where_it_must_and_is_in_no_command(tmp_path: str) -> None:
    """Run with programs that do nothing but say how they were called."""
    text = next(one.text for one in commands("https://x", "kabc", "X", BOTH, holds_lists=True) if one.way is Way.FEED)
    script = 'curl() { echo "called: $*"; cat; }\n' + text
    done = subprocess.run(["bash", "-c", script], input="s3cret\n", text=True, capture_output=True, cwd=tmp_path)
    assert done.stderr == ""
    assert done.stdout.count('header = "Authorization: Bearer kabc.s3cret"') == 2
    assert not [line for line in done.stdout.splitlines() if line.startswith("called") and "s3cret" in line]
