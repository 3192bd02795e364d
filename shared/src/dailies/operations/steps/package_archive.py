"""``package-archive``: a job's outputs in one ZIP file, with their manifest. What ``package`` becomes as zip."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import ClassVar

from dailies.domain.job.manifest import Manifest
from dailies.domain.job.result import Check
from dailies.domain.source.media_info import MediaInfo
from dailies.operations.checks.certificate import certified
from dailies.operations.deliverables.package import package_facts
from dailies.operations.media_step import MediaStep
from dailies.operations.packing import PackageParams, file_places, manifest_of, members_needs, packed
from dailies.planning.operation import Estimate, Known, Needs, Produced, StepRun

_MANIFEST = "manifest.json"
_READ_BYTES = 1 << 20
# CPU seconds: per second of source, of which outputs are some megabytes; at all.
_COST, _START_COST = 0.002, 0.1
#: What a ZIP file says of a file without a time of its own: the same files are the same bytes.
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


class PackageArchiveOperation(MediaStep):
    """Reads each file once to write it, and once more out of what was written."""

    kind: ClassVar[str] = "package-archive"
    version: ClassVar[str] = "1"
    uses_ffmpeg: ClassVar[bool] = False
    reads_source: ClassVar[bool] = False

    def needs(self, params: PackageParams, known: Known) -> Needs:
        return members_needs(params)

    def estimate(self, params: PackageParams, info: MediaInfo) -> Estimate:
        return Estimate(cpu_seconds=_START_COST + _COST * len(params.members) * (info.duration_seconds or 0.0))

    def make(self, run: StepRun) -> Produced:
        manifest, path = manifest_of(run), run.scratch / "package.zip"
        total, done = sum(file.bytes for output in manifest.outputs.values() for file in output.files), 0
        with zipfile.ZipFile(path, "w") as archive:
            # Media are compressed already.
            archive.writestr(zipfile.ZipInfo(_MANIFEST, _LONG_AGO), manifest.model_dump_json(indent=1) + "\n")
            for member, artifact in packed(run):
                for role, place in file_places(member, artifact).items():
                    with (
                        run.read(artifact, role).open("rb") as stream,
                        archive.open(zipfile.ZipInfo(place, _LONG_AGO), "w", force_zip64=True) as entry,
                    ):
                        while piece := stream.read(_READ_BYTES):
                            run.stop.check()
                            entry.write(piece)
                            done += len(piece)
                            run.progress(0.6 * done / max(total, 1))
        return certified(path, "application/zip", [_files_check(run, path, manifest)], package_facts(manifest))


def _files_check(run: StepRun, path: Path, manifest: Manifest) -> Check:
    """Each file comes out of the archive as the manifest says."""
    wanted = {file.name: file.sha256 for output in manifest.outputs.values() for file in output.files}
    same = 0
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            digest = hashlib.sha256()
            with archive.open(name) as stream:
                while piece := stream.read(_READ_BYTES):
                    run.stop.check()
                    digest.update(piece)
            same += digest.hexdigest() == wanted.get(name)
    return Check(
        name="files",
        expected=f"{len(wanted)}, as in the manifest",
        measured=f"{same}, as in the manifest",
        passed=same == len(wanted),
    )
