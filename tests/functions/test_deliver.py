"""``deliver`` as Cloud Tasks calls it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

Post = Callable[..., tuple[int, dict[str, Any]]]


@pytest.mark.parametrize(
    "data",
    [{"delivery": f"msg_{'0' * 32}"}, {"mail": f"eml_{'0' * 32}"}, {"delivery": "../x"}, {"mail": 1}, {}, [], None],
)
def test_what_can_never_be_sent_is_not_repeated(post: Post, data: object) -> None:
    """Nothing of that id, or no id at all."""
    assert post("deliver", json.dumps({"data": data}).encode())[0] == 200
