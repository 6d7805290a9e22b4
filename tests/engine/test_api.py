"""What other software may rely on: present, documented, and enough to do the work."""

from __future__ import annotations

import ast
import inspect
from importlib import import_module
from pathlib import Path

import pytest

import rempart.engine as engine
from tests.alone import run_alone


def test_everything_named_is_there_in_order() -> None:
    assert all(hasattr(engine, name) for name in engine.__all__)
    constants, classes, functions = (
        [name for name in engine.__all__ if name.isupper()],
        [name for name in engine.__all__ if name[0].isupper() and not name.isupper()],
        [name for name in engine.__all__ if name[0].islower()],
    )
    assert engine.__all__ == sorted(constants) + sorted(classes) + sorted(functions)


@pytest.mark.parametrize("name", [name for name in engine.__all__ if not name.isupper() and not name.endswith("Array")])
def test_everything_says_what_it_is(name: str) -> None:
    offered = getattr(engine, name)
    assert inspect.getdoc(offered), name
    if inspect.isfunction(offered):
        assert all(parameter.annotation is not parameter.empty for parameter in inspect.signature(offered).parameters.values())
        assert inspect.signature(offered).return_annotation is not inspect.Signature.empty


def test_every_error_is_offered_and_is_one_of_ours() -> None:
    from rempart.engine import errors

    raised = {name for name, one in vars(errors).items() if inspect.isclass(one) and issubclass(one, Exception)}
    assert raised <= set(engine.__all__)
    assert all(issubclass(getattr(errors, name), engine.EngineError) for name in raised)


def test_what_type_checkers_read_is_what_is_offered() -> None:
    """Names stand twice: in imports that only type checkers read, and in the table that loads each part when it is asked for."""
    tree = ast.parse(Path(engine.__file__).read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("rempart.")]
    read = {alias.name: node.module for node in imports for alias in node.names}
    assert set(read) == set(engine.__all__) == set(engine._HOMES)
    assert {name: f"rempart.engine.{part}" for name, part in engine._HOMES.items()} == read


def test_who_searches_loads_no_decoder() -> None:
    done = run_alone("from rempart.engine import IndexStore\nprint(*sorted(name for name in sys.modules if sys.modules[name]))")
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert "numpy" in loaded
    assert not {"PIL", "simplejpeg", "rich", "argparse"} & loaded


def test_a_name_that_is_not_offered_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = engine.nothing
    assert set(engine.__all__) <= set(dir(engine))


def test_no_module_is_hidden_by_a_name() -> None:
    """``rempart.engine.pdq`` is a module: a function of that name here would take its place."""
    assert not [name for name in engine.__all__ if inspect.ismodule(getattr(engine, name))]
    assert all(
        inspect.ismodule(import_module(f"rempart.engine.{name}")) for name in ("pdq", "picture", "index", "video", "files")
    )
    assert all(inspect.ismodule(getattr(engine, name)) for name in ("pdq", "picture", "index", "video", "files"))
