"""Artifacts in the object store: files under content names, then one manifest that makes them exist.

Layout: ``artifacts/{uid}/{key}/manifest.json`` and ``artifacts/{uid}/{key}/{role}-{sha256[:16]}``. The manifest
is written last and only if absent: that single write is the commit. A crash before it leaves files that
the next attempt reuses or the collector removes.

What can't be read, or isn't what was written, counts as absent: it is said in the log, removed and made again.
"""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from dailies.domain.errors import Conflict, DailiesError, NotFound, PermanentError, TransientError
from dailies.domain.model import canonical_json, digest_of
from dailies.logs import Logger
from dailies.planning.file_hash import file_sha256
from dailies.planning.operation import Artifact, Attempts, Produced, StoredFile
from dailies.ports.objects import LocalFiles, ObjectInfo, ObjectStore

MANIFEST = "manifest.json"
_MANIFEST_MAX_BYTES = 4 << 20
_LISTED_FROM = 4

log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class Making:
    """How an artifact came about: for the record, and no part of what it is. See :class:`Artifact`."""

    seconds: float = 0.0
    run: str = ""
    cost_usd: float = 0.0
    attempts: Attempts = field(default_factory=Attempts)
    external_usd: float = 0.0


class Artifacts:
    """The artifacts of one user. Committed ones never change, so they are remembered.

    Absent ones too, since every look is paid for, until :meth:`forget_missing`.
    """

    def __init__(self, objects: ObjectStore, uid: str) -> None:
        self._objects = objects
        self._root = f"artifacts/{uid}"
        self._known: dict[str, Artifact] = {}
        self._absent: set[str] = set()

    def forget_missing(self) -> None:
        """Forget what was absent: others may have made it."""
        self._absent.clear()

    def load(self, key: str) -> Artifact | None:
        """The committed artifact, or None."""
        if key in self._known:
            return self._known[key]
        if key in self._absent:
            return None
        try:
            manifest = self._objects.get_bytes(self._manifest(key), max_bytes=_MANIFEST_MAX_BYTES)
        except NotFound:
            self._absent.add(key)
            return None
        artifact = _decode(key, manifest)
        if artifact is None or not self._whole(artifact):
            # Without all its files the step counts as not done, and its manifest must not block.
            self._objects.delete(self._manifest(key))
            return None
        if isinstance(self._objects, LocalFiles):
            # Retention removes what was not used for longest.
            self._objects.touch(self._manifest(key))
        self._known[key] = artifact
        return artifact

    def commit(self, key: str, kind: str, produced: Produced, made: Making | None = None) -> Artifact:
        """Make the step's outputs visible, all or nothing. Idempotent; the files are moved where possible.

        Raises PermanentError ``not_reproducible`` if another attempt committed other bytes under this key.
        """
        files: dict[str, StoredFile] = {}
        for role, (path, media_type) in produced.files.items():
            sha256 = produced.sha256.get(role) or file_sha256(path)
            name = f"{self._root}/{key}/{role}-{sha256[:16]}"
            stored = self._put(name, path, media_type, sha256)
            files[role] = StoredFile(name, stored.size, sha256, media_type, stored.checksum)
        digest = digest_of({"data": produced.data, "files": {r: f.sha256 for r, f in files.items()}})
        made = made or Making()
        artifact = Artifact(
            key, digest, kind, dict(produced.data), files, round(made.seconds, 3), made.run, round(made.cost_usd, 9),
            made.attempts, round(made.external_usd, 9),
        )  # fmt: skip
        committed = self._put_manifest(artifact)
        if committed.digest != digest:
            raise PermanentError(
                f"Two runs of the step {kind} made different bytes from the same inputs.",
                code="not_reproducible",
                key=key,
            )
        self._known[key] = committed
        return committed

    def read(self, artifact: Artifact, role: str, scratch: Path) -> Path:
        """A local path of one of the artifact's files, to be read only.

        Raises TransientError ``artifact_lost`` when it went, or was damaged, since it was looked up: the next look
        finds that the step isn't done.
        """
        file = artifact.files[role]
        path = scratch / f"input-{file.sha256[:16]}"
        try:
            if isinstance(self._objects, LocalFiles):
                return self._objects.path_of(file.object)
            if not path.exists():
                self._objects.download(file.object, path)
                self._require_whole(artifact, file, path)
        except NotFound as error:
            raise self._lost(artifact) from error
        return path

    def deliver(self, artifact: Artifact, role: str, destination: Path) -> None:
        """Copy one file to ``destination``, which must not exist yet. Raises as :meth:`read`."""
        file = artifact.files[role]
        try:
            if isinstance(self._objects, LocalFiles):
                shutil.copyfile(self._objects.path_of(file.object), destination)
            else:
                self._objects.download(file.object, destination)
        except NotFound as error:
            raise self._lost(artifact) from error
        self._require_whole(artifact, file, destination)

    def _manifest(self, key: str) -> str:
        return f"{self._root}/{key}/{MANIFEST}"

    def _put_manifest(self, artifact: Artifact) -> Artifact:
        """What is committed under the key: ``artifact``, or what another attempt made before."""
        content = canonical_json(asdict(artifact)).encode()
        while True:
            try:
                self._objects.put_bytes(
                    self._manifest(artifact.key), content, content_type="application/json", if_generation_match=0
                )
            except Conflict:
                self._absent.discard(artifact.key)
                committed = self.load(artifact.key)
                # One that doesn't hold was removed by the look at it.
                if committed is not None:
                    return committed
            else:
                return artifact

    def _whole(self, artifact: Artifact) -> bool:
        """Whether all its files are there. One listing where there are many: each look is paid for."""
        files = artifact.files.values()
        if len(files) < _LISTED_FROM:
            return all(self._there(file, self._objects.stat(file.object)) for file in files)
        listed = {found.name: found for found in self._objects.list(f"{self._root}/{artifact.key}/")}
        return all(self._there(file, listed.get(file.object)) for file in files)

    def _there(self, file: StoredFile, found: ObjectInfo | None) -> bool:
        """Whether the object is there, and is what the manifest says. The store answers for its bytes."""
        if found is None:
            return False
        same = found.size == file.size and file.checksum in ("", found.checksum)
        if not same:
            log.warning("a file of an artifact is another", object=file.object, size=found.size, expected=file.size)
        return same

    def _require_whole(self, artifact: Artifact, file: StoredFile, path: Path) -> None:
        """The last look, at the bytes themselves: raise for a copy that isn't what was verified when it was made."""
        if file_sha256(path) == file.sha256:
            return
        log.warning("a damaged file of an artifact is dropped", object=file.object)
        path.unlink()
        self._objects.delete(self._manifest(artifact.key))
        self._objects.delete(file.object)
        raise self._lost(artifact)

    def _lost(self, artifact: Artifact) -> DailiesError:
        self._known.pop(artifact.key, None)
        return TransientError(
            f"What the step {artifact.kind} had made is lost or damaged: run it again to have it made anew.",
            code="artifact_lost",
        )

    def _put(self, name: str, path: Path, media_type: str, sha256: str) -> ObjectInfo:
        checksum = f"sha256:{sha256}"
        try:
            return self._write(name, path, media_type, checksum, 0)
        except Conflict:
            # The name holds the content's hash: what is there is what would have been written, or was spoilt since.
            found = self._objects.stat(name)
        if found is not None and (found.size, found.checksum) == (
            path.stat().st_size,
            self._objects.checksum_of(path),
        ):
            path.unlink(missing_ok=True)
            return found
        return self._write(name, path, media_type, checksum, 0 if found is None else found.generation)

    def _write(self, name: str, path: Path, media_type: str, checksum: str, generation: int) -> ObjectInfo:
        """``generation``: the one to replace. Raises Conflict."""
        if isinstance(self._objects, LocalFiles):
            return self._objects.adopt_file(
                name, path, content_type=media_type, if_generation_match=generation, checksum=checksum
            )
        return self._objects.put_file(name, path, content_type=media_type, if_generation_match=generation)


@cache
def _manifests() -> TypeAdapter[Artifact]:
    """What reads manifests: made by the first, as every command imports this."""
    return TypeAdapter(Artifact)


def _decode(key: str, manifest: bytes) -> Artifact | None:
    """The artifact; None for a manifest that can't be read, or is another's."""
    try:
        artifact = _manifests().validate_json(manifest)
    except ValidationError as error:
        log.warning("an unreadable manifest is dropped", key=key, error=str(error.errors()[0]["msg"]))
        return None
    if artifact.key != key:
        log.warning("the manifest of another step is dropped", key=key, found=artifact.key)
        return None
    return artifact
