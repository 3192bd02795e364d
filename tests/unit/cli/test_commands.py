"""The command line as a user types it, up to the services."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.typed import Typed


@pytest.mark.parametrize(
    "arguments",
    [
        ("convert",),
        ("convert", "x.mp4"),
        ("convert", "x.mp4", "--to", "mp3", "--bogus"),
        ("convert", "x.mp4", "--to", "mp3", "--start", "soon"),
        ("bogus",),
        ("run", "x.mp4"),
        ("jobs", "bogus"),
        ("jobs", "show"),
        ("jobs", "list", "--limit", "0"),
        ("--bogus",),
    ],
)
def test_usage_errors_are_one_document_or_one_line(dailies: Typed, arguments: tuple[str, ...]) -> None:
    """Exit 2; under --json one document on stdout, else one line on stderr."""
    answer = dailies(*arguments, "--json")
    assert (answer.code, answer.error["code"], answer.err) == (2, "usage", "")
    answer = dailies(*arguments)
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert answer.err.startswith("dailies: ")


def test_no_command_shows_the_help(dailies: Typed) -> None:
    """Who types the bare name learns what there is."""
    answer = dailies()
    assert answer.code == 2
    assert answer.err.startswith("Usage: dailies ")


@pytest.mark.parametrize("command", [(), ("convert",), ("run",), ("plan",), ("probe",), ("jobs",), ("gc",)])
def test_help_is_on_stdout(dailies: Typed, command: tuple[str, ...]) -> None:
    """--help is a result: stdout, exit 0, and named as the user typed it."""
    answer = dailies(*command, "--help")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith(" ".join(["Usage: dailies", *command]))


def test_the_version_is_told(dailies: Typed) -> None:
    """--version names the program and its version."""
    answer = dailies("--version")
    assert answer.code == 0
    assert answer.out.startswith("dailies ")


def test_a_missing_file_is_named(dailies: Typed) -> None:
    """A typo in the name is the user's to mend: exit 2 and the path."""
    answer = dailies("probe", "nope.mp4", "--json")
    assert (answer.code, answer.error["code"]) == (2, "source_not_found")
    assert "nope.mp4" in answer.error["message"]


def test_a_missing_recipe_is_named_like_a_missing_file(dailies: Typed) -> None:
    """Both are typing mistakes."""
    answer = dailies("plan", "nope.mp4", "--recipe", "nope.json", "--json")
    assert (answer.code, answer.error["code"]) == (2, "recipe_not_found")
    assert "nope.json" in answer.error["message"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "-", "--recipe", "-"),
        ("plan", "-", "--recipe", "-"),
        ("convert", "-", "x.wav", "--to", "mp3"),
        ("convert", "a.wav", "b.wav", "--to", "mp3", "-o", "-"),
        ("convert", "a.wav", "-o", "-"),
        ("completion", "tcsh"),
    ],
)
def test_streams_that_can_t_be_are_usage_errors(dailies: Typed, arguments: tuple[str, ...]) -> None:
    """There is one standard input and one standard output."""
    answer = dailies(*arguments, "--json")
    assert (answer.code, answer.error["code"]) == (2, "usage")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--to", "doc"), "--to: 'doc' is no format: choose txt, json, srt, vtt, ass"),
        (("-o", "x.doc"), "-o x.doc has the ending of no format: add --to"),
        (("--to", "txt", "-o", "x.srt"), "--to: txt contradicts -o x.srt"),
    ],
)
def test_text_has_formats_of_its_own(dailies: Typed, arguments: tuple[str, ...], said: str) -> None:
    """As convert has; and the error names the option."""
    answer = dailies("transcribe", "x.wav", *arguments, "--json")
    assert (answer.code, answer.error["code"]) == (3, "invalid_recipe")
    assert said in answer.error["message"]


def test_what_is_masked_is_a_kind_of_private_data(dailies: Typed) -> None:
    for command in ("transcribe", "vats"):
        answer = dailies(command, "x.wav", "--mask", "names", "--json")
        assert (answer.code, answer.error["code"]) == (3, "invalid_recipe")
        assert "mask" in answer.error["message"]


def test_a_mistyped_option_starts_no_worker(dailies: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor what is wrong with a recipe: a worker is for a job."""

    def never(**_: object) -> None:
        raise AssertionError("a worker")

    monkeypatch.setattr("dailies.cli.main.Standby", never)
    assert dailies("convert", "x.mp4", "--tpo", "mp3").code == 2
    assert dailies("convert", "x.mp4", "--to", "xyz").code == 3


def test_a_name_may_begin_with_a_dash(dailies: Typed) -> None:
    """Behind -- everything is a name, even --json."""
    answer = dailies("probe", "--", "--json")
    assert (answer.code, answer.out) == (2, "")
    assert "There is no file" in answer.err


@pytest.mark.parametrize(("arguments", "document"), [(("jobs",), []), (("jobs", "list"), [])])
def test_an_empty_job_list(dailies: Typed, arguments: tuple[str, ...], document: Any) -> None:
    """`dailies jobs` lists; no jobs are an empty list."""
    assert dailies(*arguments, "--json").document("jobs") == document
    assert dailies(*arguments).out.startswith("No jobs yet")


@pytest.mark.parametrize("job_id", ["1a2b", "../x", "a/b", "", "jobs/1"])
@pytest.mark.parametrize("command", ["show", "cancel"])
def test_a_job_that_is_not_there(dailies: Typed, command: str, job_id: str) -> None:
    """No string that a user types is more than an id that is not found."""
    answer = dailies("jobs", command, "--json", "--", job_id)
    assert (answer.code, answer.error["code"]) == (2, "not_found")


def test_options_before_a_subcommand_are_not_ignored(dailies: Typed) -> None:
    """`jobs --json list` says where the option belongs instead of printing text."""
    answer = dailies("jobs", "--json", "list")
    assert (answer.code, answer.error["code"]) == (2, "usage")


def test_gc_of_an_empty_store(dailies: Typed) -> None:
    """Nothing to do is a result."""
    assert dailies("gc", "--json").document("gc")["objects_removed"] == 0
    assert dailies("jobs", "gc").out.startswith("removed 0 objects")


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "not valid JSON"), ("[" * 100_000, "nested too deeply"), ("[]", "object"), ("\udcff", "UTF-8")],
)
def test_a_recipe_that_is_none(dailies: Typed, tmp_path: Path, text: str, words: str) -> None:
    """What is no recipe is refused with exit 3 and the reason."""
    (tmp_path / "recipe.json").write_bytes(text.encode(errors="surrogateescape"))
    answer = dailies("plan", "x.mp4", "--recipe", "recipe.json", "--json")
    assert (answer.code, answer.error["code"]) == (3, "invalid_recipe")
    assert words in answer.error["message"]


def test_a_wrong_setting_is_told_before_anything_else(dailies: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting that can't be read names itself."""
    monkeypatch.setenv("DAILIES_THREADS", "many")
    answer = dailies("doctor", "--json")
    assert (answer.code, answer.error["code"]) == (4, "misconfigured")
    assert "DAILIES_THREADS" in answer.error["message"]
