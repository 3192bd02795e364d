"""What a worker's name in the cloud tells about it."""

from __future__ import annotations

from dailies.adapters.gcp.owners import CloudOwners, Execution


def worker(*, name: str = "dailies-worker-abc12", index: int = 0, attempt: int = 0) -> CloudOwners:
    return CloudOwners(Execution(name, index, 2, attempt))


def test_no_two_processes_have_one_name() -> None:
    """Not even two that Cloud Run tells the same of; one keeps its own."""
    first = worker()
    assert first.me() == first.me()
    assert len({first.me(), worker().me(), CloudOwners(None).me(), CloudOwners(None).me()}) == 4


def test_an_attempt_knows_that_the_tasks_earlier_ones_are_dead() -> None:
    """Of its own task only: of all others nothing is known."""
    earlier = worker(attempt=0).me()
    assert worker(attempt=1).is_dead(earlier)
    assert not worker(attempt=0).is_dead(earlier)
    assert not worker(attempt=1, index=1).is_dead(earlier)
    assert not worker(attempt=1, name="dailies-worker-xyz99").is_dead(earlier)
    assert not CloudOwners(None).is_dead(earlier)


def test_of_other_names_nothing_is_known() -> None:
    """Empty, a function's, and a process's of a laptop."""
    for owner in ("", CloudOwners(None).me(), "boot-1-2-ab"):
        assert not worker(attempt=1).is_dead(owner)
