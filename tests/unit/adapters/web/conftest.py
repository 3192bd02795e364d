from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.certificates import Authority, make_authority
from tests.fakes.web_site import Site, web_site


@pytest.fixture(scope="package")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"), "media.test", "other.test", "moving.test")


@pytest.fixture
def site(authority: Authority) -> Iterator[Site]:
    with web_site(authority) as found:
        yield found
