"""What is wrong with a command line, in one sentence that says where its help is."""

from __future__ import annotations

from pydantic import ValidationError
from typer._click.exceptions import BadParameter, NoSuchOption, UsageError
from typer.exceptions import TyperException

from dailies.domain.wording import sentence_of


def usage_sentence(error: TyperException) -> str:
    """The sentence: “No such option: --tpo, did you mean --to? See dailies convert --help.”."""
    path = error.ctx.command_path if isinstance(error, UsageError) and error.ctx is not None else "dailies"
    if isinstance(error, NoSuchOption) and error.possibilities:
        message = f"{error.message}, did you mean {error.possibilities[0]}?"
    else:
        message = _in_our_words(error)
    message = message.rstrip(".")
    return f"{message}{'' if message.endswith('?') else '.'} See {path} --help."


def _in_our_words(error: TyperException) -> str:
    """What a value has to be is checked by pydantic, and told in its words."""
    cause = error.__cause__
    if isinstance(error, BadParameter) and isinstance(cause, ValidationError):
        error.message = sentence_of(cause.errors(include_url=False)[0])
    return error.format_message()
