"""Reads a recipe from a file or standard input."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from dailies.domain.errors import InvalidRecipe, NotFound
from dailies.domain.recipe.recipe import Recipe, parse_recipe
from dailies.operations import KINDS


def read_recipe(path: Path) -> Recipe:
    """Raises NotFound; InvalidRecipe for a file that can't be read or is not JSON, with the line and column."""
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound(f"There is no recipe {path}.", code="recipe_not_found") from error
    except OSError as error:
        raise InvalidRecipe(f"The recipe {path} can't be read: {error.strerror}.", field="recipe") from error
    except UnicodeDecodeError as error:
        raise InvalidRecipe(f"The recipe {path} is not UTF-8 text.", field="recipe") from error
    try:
        return parse_recipe(json.loads(text), KINDS)
    except json.JSONDecodeError as error:
        raise InvalidRecipe(
            f"The recipe is not valid JSON: {error.msg} (line {error.lineno}, column {error.colno}).", field="recipe"
        ) from error
    except RecursionError as error:
        raise InvalidRecipe("The recipe is nested too deeply.", field="recipe") from error
