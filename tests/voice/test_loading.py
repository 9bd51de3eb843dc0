"""Loading modules without looking for garbage in them."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from voice.loading import loading


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_nothing_is_collected_while_modules_are_loaded() -> None:
    with loading():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_what_was_loaded_is_never_looked_through() -> None:
    with loading():
        made: list[list[object]] = [[]]
    assert not any(each is made for each in gc.get_objects())


def test_collections_go_on_after_a_module_that_does_not_load() -> None:
    with pytest.raises(ModuleNotFoundError), loading():
        raise ModuleNotFoundError
    assert gc.isenabled()
