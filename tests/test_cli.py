"""The ``rempart`` command: what it starts, what it says of itself, and what it needs."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from rempart import cli
from rempart.engine.native.library import describe
from tests.alone import base_distributions, hidden_modules, rempart_alone, run_alone


def test_every_program_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    told = capsys.readouterr().out
    assert all(f"rempart {program}" in told for program in cli.PROGRAMS)


def test_a_misspelt_program_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["hsah"]) == 2
    assert "no program named “hsah”" in capsys.readouterr().err


def test_the_version_says_how_the_engine_runs_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"rempart {version('rempart')}\n{describe()}\n"


def test_the_base_install_is_small() -> None:
    """What the desk needs stays out of what a platform installs."""
    assert {"numpy", "pillow", "simplejpeg", "rich"} <= base_distributions()
    assert {"django", "av", "pillow_heif", "nacl"} <= set(hidden_modules())


def test_the_desk_alone_is_missing_in_the_base_install() -> None:
    done = rempart_alone(["desk", "run"])
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == cli.DESK_IS_MISSING


@pytest.mark.parametrize("program", ["hash", "index"])
def test_the_engine_is_whole_in_the_base_install(program: str) -> None:
    done = rempart_alone([program, "--help"])
    assert (done.returncode, done.stderr) == (0, "")
    assert f"rempart {program}" in done.stdout


def test_the_engine_reads_no_optional_library_when_imported() -> None:
    done = run_alone("import rempart.engine\nprint(*sorted({name.split('.')[0] for name in sys.modules if sys.modules[name]}))")
    assert done.returncode == 0, done.stderr
    assert not set(done.stdout.split()) & set(hidden_modules())
