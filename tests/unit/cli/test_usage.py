"""What is wrong with a command line is said in one sentence, with the way to its help."""

from __future__ import annotations

import pytest
from typer.exceptions import TyperException

from dailies.cli.commands import app
from dailies.cli.usage import usage_sentence


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("convert x --tpo mp3", "No such option: --tpo, did you mean --to? See dailies convert --help."),
        ("convert x --qqq", "No such option: --qqq. See dailies convert --help."),
        ("convert x --loudness low", "Invalid value for '--loudness': must be a number. See dailies convert --help."),
        ("convert x --track a", "Invalid value for '--track': must be a whole number. See dailies convert --help."),
        (
            "run x --recipe r --workers 0",
            "Invalid value for '--workers': must be at least 1. See dailies run --help.",
        ),
        ("run x", "Missing option '--recipe'. See dailies run --help."),
        ("probe", "Missing argument 'FILE'. See dailies probe --help."),
        ("probe a b", "Got unexpected extra argument(s) (b). See dailies probe --help."),
        ("jobs shwo", "No such command 'shwo'. Did you mean 'show'? See dailies jobs --help."),
        ("covert", "No such command 'covert'. Did you mean 'convert'? See dailies --help."),
    ],
)
def test_a_hint_names_the_command_s_own_help(arguments: str, sentence: str) -> None:
    """And the nearest option, for who mistyped one."""
    with pytest.raises(TyperException) as refused:
        app(arguments.split(), standalone_mode=False, prog_name="dailies")
    assert usage_sentence(refused.value) == sentence
