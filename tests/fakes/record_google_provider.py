"""Writes the schema of the Google provider's resources that infra/terraform uses, for the provider that tests serve.

usage: python tests/fakes/record_google_provider.py JSII tests/fakes/google_provider.json infra/terraform

JSII is the file of that name in the package cdktn-provider-google (its _jsii/*.tgz), which is made from the provider:
release 20.3.1 from its 7.46.1. Run it anew when a resource is used that was not.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PACKAGE = "@cdktn/provider-google"
_SIMPLE = {"string": "string", "number": "number", "boolean": "bool", "any": "dynamic"}
# What Terraform's core itself knows of a resource, or CDK's classes have beside it.
_NOT_THE_PROVIDERS = {"fqn", "complexObject", "complexComputedList", "internalValue"}


class Types:
    def __init__(self, types: dict[str, Any]) -> None:
        self._types = types

    def schema(self, name: str, *, data: bool) -> dict[str, Any]:
        words = name.removeprefix("google_").split("_")
        camel = "".join(word.capitalize() for word in words)
        title = f"DataGoogle{camel}" if data else camel
        module = title[0].lower() + title[1:]
        base = f"{PACKAGE}.{module}.{title}"
        block = self._block(self._types[f"{base}Config"], self._types[base])
        block["attributes"].setdefault("id", {"type": "string", "optional": True})
        block["attributes"]["id"]["computed"] = True
        return block

    def _block(self, struct: dict[str, Any], beside: dict[str, Any] | None) -> dict[str, Any]:
        attributes: dict[str, Any] = {}
        blocks: dict[str, Any] = {}
        for each in struct.get("properties", []):
            name = self._name(each)
            kind, many = self._nested(each["type"])
            if kind is None:
                said = "optional" if each.get("optional") else "required"
                attributes[name] = {"type": self._type(each["type"]), said: True}
            else:
                single = name == "timeouts"
                blocks[name] = {
                    "nesting": "single" if single else "list",
                    **({} if many or single else {"max": 1}),
                    **({} if each.get("optional") else {"min": 1}),
                    **self._block(kind, self._types.get(f"{kind['fqn']}OutputReference")),
                }
        for each in (beside or {}).get("properties", []):
            name = self._name(each)
            if each.get("static") or each.get("protected") or each["name"] in _NOT_THE_PROVIDERS:
                continue
            if not each.get("immutable") or name in attributes or name in blocks or name.endswith("_input"):
                continue
            found = self._type(each["type"])
            if found is not None:
                attributes[name] = {"type": found, "computed": True}
        return {"attributes": attributes, "blocks": blocks}

    def _name(self, each: dict[str, Any]) -> str:
        anchor = re.search(r"#(\w+) ", each.get("docs", {}).get("remarks", ""))
        if anchor:
            return anchor[1]
        return re.sub(r"([A-Z])", lambda found: "_" + found[1].lower(), each["name"])

    def _nested(self, kind: dict[str, Any]) -> tuple[dict[str, Any] | None, bool]:
        if "fqn" in kind and kind["fqn"].startswith(PACKAGE):
            return self._types[kind["fqn"]], False
        for one in kind.get("union", {}).get("types", []):
            inside = one.get("collection", {}).get("elementtype", {})
            if inside.get("fqn", "").startswith(PACKAGE):
                return self._types[inside["fqn"]], True
            if one.get("fqn", "").startswith(PACKAGE):
                return self._types[one["fqn"]], False
        return None, False

    def _type(self, kind: dict[str, Any]) -> Any:
        if "primitive" in kind:
            return _SIMPLE[kind["primitive"]]
        if "union" in kind:
            return next((found for one in kind["union"]["types"] if (found := self._type(one))), None)
        if "collection" in kind:
            inside = self._type(kind["collection"]["elementtype"])
            return ["list" if kind["collection"]["kind"] == "array" else "map", inside or "string"]
        return ["map", "string"] if kind.get("fqn") == "cdktn.StringMap" else None


def used(folder: Path) -> dict[str, set[str]]:
    text = "\n".join(path.read_text() for path in sorted(folder.rglob("*.tf")))
    return {kind: set(re.findall(rf'^{kind} "(google_\w+)"', text, re.MULTILINE)) for kind in ("resource", "data")}


def main(arguments: Sequence[str]) -> int:
    jsii, out, folder = map(Path, arguments)
    types = Types(json.loads(jsii.read_text())["types"])
    names = used(folder)
    recorded = {kind: {name: types.schema(name, data=kind == "data") for name in sorted(names[kind])} for kind in names}
    lines = ",\n".join(
        f'"{kind}": {{\n'
        + ",\n".join(f'"{name}": {json.dumps(each, sort_keys=True)}' for name, each in known.items())
        + "\n}"
        for kind, known in recorded.items()
    )
    out.write_text(f"{{\n{lines}\n}}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
