"""Shell completion: the script that a shell asks Dailies by."""

from __future__ import annotations

from dailies.cli.arguments import SHELLS
from dailies.cli.console import Console
from dailies.domain.errors import InvalidRequest

#: In the environment of a call by which a shell asks what it may offer.
VARIABLE = "_DAILIES_COMPLETE"
_SET_UP = {
    "bash": 'eval "$(dailies completion bash)", in ~/.bashrc',
    "zsh": 'eval "$(dailies completion zsh)", in ~/.zshrc behind compinit',
    "fish": "dailies completion fish | source, in ~/.config/fish/config.fish",
}


def know_shells() -> None:
    """For a call by which a shell asks."""
    from typer._completion_classes import completion_init

    completion_init()


def show_script(console: Console, shell: str) -> None:
    """Raises InvalidRequest for a shell that there is no script for."""
    if shell not in SHELLS:
        raise InvalidRequest(f"There is no completion for {shell!r}: choose {', '.join(SHELLS)}.", code="usage")
    from typer._completion_shared import get_completion_script

    script = get_completion_script(prog_name="dailies", complete_var=VARIABLE, shell=shell)
    console.emit({"shell": shell, "script": script}, f"# {_SET_UP[shell]}\n{script}")
