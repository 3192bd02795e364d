"""Errors keep their class, code and words through storage."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import dailies
from dailies.domain import errors


@pytest.fixture(autouse=True, scope="module")
def every_module() -> None:
    """Imports all, as a class is known only once its module is: else the answer hangs on what ran before."""
    for module in pkgutil.walk_packages(dailies.__path__, "dailies."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def classes(kind: type[errors.DailiesError]) -> list[type[errors.DailiesError]]:
    """The product's own: a test may have one too."""
    children = [child for child in kind.__subclasses__() if child.__module__.startswith("dailies.")]
    return [kind, *(found for child in children for found in classes(child))]


def test_every_error_survives_storage() -> None:
    """What is recorded on a job is raised again as the same class with the same code and details."""
    for kind in classes(errors.DailiesError):
        stored = errors.record_of(kind("Words.", code="narrow", field="outputs.a"))
        back = errors.restore(stored)
        assert type(back) is kind
        assert back.as_dict() == {"code": "narrow", "message": "Words.", "details": {"field": "outputs.a"}}


def test_codes_are_stable_and_unique() -> None:
    """Programs switch on codes, so no two classes share one."""
    codes = [kind.code for kind in classes(errors.DailiesError)]
    assert len(codes) == len(set(codes))


def test_the_docstring_draws_every_class() -> None:
    """The tree in the module's docstring is the tree in the code."""
    for kind in classes(errors.DailiesError):
        assert kind.__name__ in (errors.__doc__ or "")


def test_an_unknown_class_is_restored_as_the_root() -> None:
    """A record written by a newer program still has its code and message."""
    back = errors.restore({"class": "FutureError", "code": "future", "message": "Words."})
    assert type(back) is errors.DailiesError
    assert back.error_code == "future"
