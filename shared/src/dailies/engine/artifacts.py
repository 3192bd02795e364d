"""Artifacts in the object store: files under content names, then one manifest that makes them exist.

Layout: ``artifacts/{uid}/{key}/manifest.json`` and ``artifacts/{uid}/{key}/{role}-{sha256[:16]}``. The manifest
is written last and only if absent: that single write is the commit. A crash before it leaves files that
the next attempt reuses or the collector removes.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dailies.domain.errors import Conflict, NotFound, PermanentError
from dailies.domain.model import canonical_json, digest_of
from dailies.planning.operation import Artifact, Produced, StoredFile, file_sha256
from dailies.ports.objects import LocalFiles, ObjectStore

MANIFEST = "manifest.json"
_MANIFEST_MAX_BYTES = 4 << 20


class Artifacts:
    """The artifacts of one user. Committed ones never change, so they are remembered.

    Absent ones too, since every look is paid for, until :meth:`look_again`.
    """

    def __init__(self, objects: ObjectStore, uid: str) -> None:
        self._objects = objects
        self._root = f"artifacts/{uid}"
        self._known: dict[str, Artifact] = {}
        self._absent: set[str] = set()

    def look_again(self) -> None:
        """Forget what was absent: others may have made it."""
        self._absent.clear()

    def load(self, key: str) -> Artifact | None:
        """The committed artifact, or None."""
        if key in self._known:
            return self._known[key]
        if key in self._absent:
            return None
        name = f"{self._root}/{key}/{MANIFEST}"
        try:
            manifest = self._objects.get_bytes(name, max_bytes=_MANIFEST_MAX_BYTES)
        except NotFound:
            self._absent.add(key)
            return None
        artifact = _decode(json.loads(manifest))
        if any(self._objects.stat(file.object) is None for file in artifact.files.values()):
            # Retention took a file: without it the step counts as not done, and its manifest must not block.
            self._objects.delete(name)
            return None
        if isinstance(self._objects, LocalFiles):
            # Retention removes what was not used for longest.
            self._objects.touch(name)
        self._known[key] = artifact
        return artifact

    def commit(
        self, key: str, kind: str, produced: Produced, *, seconds: float = 0.0, run: str = "", cost_usd: float = 0.0
    ) -> Artifact:
        """Make the step's outputs visible, all or nothing. Idempotent; the files are moved where possible.

        The rest is for the record, and no part of what the artifact is: see :class:`Artifact`.

        Raises PermanentError ``not_reproducible`` if another attempt committed other bytes under this key.
        """
        files: dict[str, StoredFile] = {}
        for role, (path, media_type) in produced.files.items():
            sha256 = produced.sha256.get(role) or file_sha256(path)
            name = f"{self._root}/{key}/{role}-{sha256[:16]}"
            files[role] = StoredFile(name, path.stat().st_size, sha256, media_type)
            self._put(name, path, media_type, sha256)
        digest = digest_of({"data": produced.data, "files": {r: f.sha256 for r, f in files.items()}})
        artifact = Artifact(key, digest, kind, dict(produced.data), files, round(seconds, 3), run, round(cost_usd, 9))
        try:
            self._objects.put_bytes(
                f"{self._root}/{key}/{MANIFEST}",
                canonical_json(asdict(artifact)).encode(),
                content_type="application/json",
                if_generation_match=0,
            )
        except Conflict:
            self._absent.discard(key)
            committed = self.load(key)
            if committed is not None and committed.digest == digest:
                return committed
            raise PermanentError(
                f"Two runs of the step {kind} made different bytes from the same inputs.",
                code="not_reproducible",
                key=key,
            ) from None
        self._known[key] = artifact
        return artifact

    def read(self, artifact: Artifact, role: str, scratch: Path) -> Path:
        """A local path of one of the artifact's files, to be read only."""
        file = artifact.files[role]
        if isinstance(self._objects, LocalFiles):
            return self._objects.path_of(file.object)
        path = scratch / f"input-{file.sha256[:16]}"
        if not path.exists():
            self._objects.download(file.object, path)
        return path

    def deliver(self, artifact: Artifact, role: str, destination: Path) -> None:
        """Copy one file to ``destination``, which must not exist yet."""
        file = artifact.files[role]
        if isinstance(self._objects, LocalFiles):
            shutil.copyfile(self._objects.path_of(file.object), destination)
        else:
            self._objects.download(file.object, destination)

    def _put(self, name: str, path: Path, media_type: str, sha256: str) -> None:
        try:
            if isinstance(self._objects, LocalFiles):
                self._objects.adopt_file(
                    name, path, content_type=media_type, if_generation_match=0, checksum=f"sha256:{sha256}"
                )
            else:
                self._objects.put_file(name, path, content_type=media_type, if_generation_match=0)
        except Conflict:
            # The name holds the content's hash: what is there is what would have been written.
            path.unlink(missing_ok=True)


def _decode(manifest: dict[str, Any]) -> Artifact:
    files = {role: StoredFile(**file) for role, file in manifest.pop("files").items()}
    return Artifact(files=files, **manifest)
