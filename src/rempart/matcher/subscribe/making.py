"""The reader and the teller of a list, by its shape."""

from pathlib import Path

from rempart.matcher.settings import ListSettings
from rempart.matcher.subscribe.file import FileReader
from rempart.matcher.subscribe.interface import Reader, Teller
from rempart.matcher.subscribe.ncmec import NcmecReader
from rempart.matcher.subscribe.rempart import RempartReader, RempartTeller
from rempart.matcher.subscribe.stopncii import StopNciiReader
from rempart.matcher.subscribe.telling import NcmecTeller, StopNciiTeller


def reader_of(one: ListSettings) -> Reader:
    """It asks nobody before it reads."""
    if one.shape == "rempart":
        return RempartReader(one.url, one.user, one.password)
    if one.shape == "ncmec":
        return NcmecReader(one.url, one.user, one.password, members=one.members)
    if one.shape == "stopncii":
        return StopNciiReader(one.url, one.user, one.password)
    return FileReader(one.path or Path())


def teller_of(one: ListSettings) -> Teller | None:
    """None where nobody is told: a file has no ears, and the settings may say so."""
    if not one.tells:
        return None
    if one.shape == "rempart":
        return RempartTeller(one.url, one.user, one.password)
    if one.shape == "ncmec":
        return NcmecTeller(one.url, one.user, one.password)
    if one.shape == "stopncii":
        return StopNciiTeller(one.url, one.user, one.feedback_password or one.password)
    return None
