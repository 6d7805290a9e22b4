"""What other software may rely on: present, documented, and enough to do the work."""

from __future__ import annotations

import inspect

import pytest

import rempart.engine as engine


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


def test_no_module_is_hidden_by_a_name() -> None:
    """``rempart.engine.pdq`` is a module: a function of that name here would take its place."""
    assert not [name for name in engine.__all__ if inspect.ismodule(getattr(engine, name))]
    assert all(inspect.ismodule(getattr(engine, name)) for name in ("pdq", "picture", "index", "video", "files"))
