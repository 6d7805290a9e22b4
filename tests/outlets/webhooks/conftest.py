"""Each test has a keyring of its own."""

from tests.registers.lists.conftest import keyring

__all__ = ["keyring"]
