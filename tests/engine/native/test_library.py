"""Which library is used, and which is left aside: a wrong one never answers."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from rempart.engine.native import build, library, sources
from rempart.engine.native.library import INTERFACE, Kernel, best_kernel, describe, kernels, load
from rempart.engine.native.sources import digest

WITHOUT = "Engine without its compiled half: every answer is the same, much slower. "
AGAIN = "The library beside it is of another version, or for another machine: install Rempart again."
needs_compiler = pytest.mark.skipif(build.find_compiler() is None, reason="there is no C++ compiler here")


@pytest.fixture(autouse=True)
def asked_again(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test asks for the library anew, and leaves no trace of its own."""
    monkeypatch.delenv("REMPART_NATIVE", raising=False)
    monkeypatch.delenv("REMPART_KERNEL", raising=False)
    load.cache_clear()
    yield
    load.cache_clear()


def compiled(folder: Path, code: str) -> Path:
    """A library of these lines of C++."""
    source, made = folder / "made.cpp", folder / "made.so"
    source.write_text(code)
    compiler = build.find_compiler()
    assert compiler
    subprocess.run([*compiler, "-shared", "-fPIC", str(source), "-o", str(made)], check=True)
    return made


def speaking(interface: int, sources: str) -> str:
    """A library that says what it is, and can do nothing."""
    words = f'extern "C" int rempart_interface() {{ return {interface}; }}\n'
    return words + f'extern "C" const char *rempart_sources() {{ return "{sources}"; }}'


def assert_numpy_works(remedy: str) -> None:
    assert load() is None
    assert kernels() == (Kernel.NUMPY,)
    assert best_kernel() is Kernel.NUMPY
    assert describe() == WITHOUT + remedy


def test_it_can_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REMPART_NATIVE", "off")
    assert_numpy_works("REMPART_NATIVE asks for it, or names a library that cannot be used.")


def test_none_was_built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(library, "LIBRARY", tmp_path / "_engine.so")
    assert_numpy_works("Install a C++ compiler, then Rempart again.")


@pytest.mark.parametrize("content", [b"", b"\x7fELF", b"not a library" * 1000])
def test_a_file_that_is_no_library_is_left_aside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes) -> None:
    broken = tmp_path / "_engine.so"
    broken.write_bytes(content)
    monkeypatch.setattr(library, "LIBRARY", broken)
    assert_numpy_works(AGAIN)


@needs_compiler
def test_another_library_is_left_aside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(library, "LIBRARY", compiled(tmp_path, 'extern "C" int somebody_elses() { return 1; }'))
    assert_numpy_works(AGAIN)


@needs_compiler
@pytest.mark.parametrize("interface", [INTERFACE - 1, INTERFACE + 1])
def test_a_library_of_another_version_is_left_aside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, interface: int) -> None:
    monkeypatch.setattr(library, "LIBRARY", compiled(tmp_path, speaking(interface, digest())))
    assert_numpy_works(AGAIN)


@needs_compiler
def test_a_library_of_other_sources_is_left_aside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A checkout that moved on without being built again: the old loops would answer the new questions."""
    monkeypatch.setattr(library, "LIBRARY", compiled(tmp_path, speaking(INTERFACE, "0123456789abcdef")))
    assert_numpy_works(AGAIN)


@needs_compiler
def test_a_library_whose_sources_are_not_here_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A package may leave the sources out: then the number of the interface must do."""
    monkeypatch.setattr(library, "LIBRARY", compiled(tmp_path, speaking(INTERFACE, "0123456789abcdef")))
    monkeypatch.setattr(library, "digest", lambda: "")
    assert load() is not None


def test_every_line_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sources, "FOLDER", tmp_path)
    assert digest() == ""
    seen = set()
    for name, text in (("a.cpp", "1"), ("a.h", "1"), ("a.inl", "1"), ("a.cpp", "2"), ("b.cpp", ""), ("note.txt", "")):
        (tmp_path / name).write_text(text)
        seen.add(digest())
    assert len(seen) == 5, "all but the note"


@needs_compiler
def test_the_library_beside_the_code_is_used() -> None:
    """Where it is not, it was built from other sources: python src/rempart/engine/native/build.py"""
    assert load() is not None
    assert kernels()[-2:] == (Kernel.PORTABLE, Kernel.NUMPY)
    assert describe() == f"Compiled engine, {kernels()[0].value} kernel."


@needs_compiler
@pytest.mark.parametrize("kernel", [Kernel.NUMPY, Kernel.PORTABLE])
def test_a_kernel_can_be_asked_for(monkeypatch: pytest.MonkeyPatch, kernel: Kernel) -> None:
    monkeypatch.setenv("REMPART_KERNEL", kernel.value)
    assert best_kernel() is kernel
    assert kernel in kernels()
    assert kernel.value in describe() or describe() == WITHOUT + "REMPART_KERNEL asks for it."


def test_a_kernel_nobody_has_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REMPART_KERNEL", "abacus")
    assert best_kernel() is kernels()[0]
