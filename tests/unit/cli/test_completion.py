"""What a shell offers while somebody types."""

from __future__ import annotations

from pathlib import Path

import pytest

from dailies.cli.arguments import SHELLS
from dailies.cli.completion import VARIABLE
from dailies.cli.main import main


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("dailies pro", ["probe"]),
        ("dailies convert x --to o", ["ogg", "opus"]),
        ("dailies convert x --metadata s", ["strip"]),
        ("dailies convert x --true", ["--true-peak"]),
        ("dailies completion f", ["fish"]),
        ("dailies jobs show 1", []),
    ],
)
def test_a_shell_is_told_what_there_is(
    words: str, answer: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Commands, options and their values."""
    monkeypatch.setenv("DAILIES_HOME", str(tmp_path / "home"))
    monkeypatch.setenv(VARIABLE, "complete_bash")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(words.count(" ")))
    with pytest.raises(SystemExit) as ended:
        main([])
    assert not ended.value.code
    assert capsys.readouterr().out.split() == answer


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_s_script_asks_by_that_variable(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It is printed with the line that sets it up; nothing of the user's is written to."""
    with pytest.raises(SystemExit) as ended:
        main(["completion", shell])
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    assert f"{VARIABLE}=complete_{shell}" in printed
    assert f"dailies completion {shell}" in printed.splitlines()[0]


def test_a_shell_that_has_none_is_told_which_have(capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong word is usage."""
    with pytest.raises(SystemExit) as ended:
        main(["completion", "tcsh"])
    assert ended.value.code == 2
    assert "choose bash, zsh, fish" in capsys.readouterr().err
