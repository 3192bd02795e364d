"""Running FFmpeg: what it reports, and what its failures are called. Both FFmpegs, in and out of the sandbox."""

from __future__ import annotations

import json
import os
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from dailies.domain.errors import (
    Cancelled,
    Misconfigured,
    PermanentError,
    SourceChanged,
    SourceRefused,
    StorageFull,
)
from dailies.domain.stop import StopToken
from dailies.media import ffmpeg
from dailies.media.ffmpeg import FFmpeg
from dailies.media.run.process import Limits
from dailies.media.run.sandbox import Sandbox
from tests.integration.media.conftest import Make, null_run, running_in, script


def test_a_run_reports_what_was_read_and_written(
    talk: Path, binary: FFmpeg, box: Sandbox, scratch: Path, limits: Limits
) -> None:
    progress: list[float] = []
    lines: list[str] = []
    args = [
        "-i",
        "file:source",
        "-map",
        "0:a",
        "-af",
        "ebur128=metadata=1,ametadata=print:file=-",
        "-c:a",
        "flac",
        "file:out.flac",
    ]
    report = ffmpeg.run(
        binary,
        [*args, "-map", "0:v", "-c:v", "copy", "file:out.mp4"],
        scratch=scratch,
        source=talk,
        limits=limits,
        sandbox=box,
        on_progress=progress.append,
        on_line=lines.append,
    )
    reads = {read.type: read for read in report.reads}
    assert (reads["video"].packets, reads["video"].frames) == (50, 0)  # copied, not decoded
    assert reads["audio"].samples == pytest.approx(96_000, abs=2048)
    assert reads["audio"].errors == 0
    copied = next(write for write in report.writes if write.type == "video")
    assert (copied.file, copied.packets, copied.frames) == (1, 50, 0)
    assert report.written_seconds == pytest.approx(2.0, abs=0.1)
    assert progress == sorted(progress)
    assert progress[-1] == report.written_seconds
    assert any(line.startswith("lavfi.r128.M=") for line in lines)
    assert report.complaints == ()
    assert report.cpu_seconds > 0
    assert sorted(path.name for path in scratch.iterdir()) == ["out.flac", "out.mp4"]


def test_a_source_of_any_name_is_read(
    talk: Path, binary: FFmpeg, tmp_path: Path, scratch: Path, limits: Limits
) -> None:
    for name in ("-i.mp4", "%d.mp4", "$(id).mp4", "a\nb.mp4", os.fsdecode(b"caf\xe9.mp4"), "concat:x|y.mp4"):
        source = tmp_path / name
        shutil.copy(talk, source)
        report = ffmpeg.run(binary, null_run(), scratch=scratch, source=source, limits=limits)
        assert sum(read.frames for read in report.reads) > 50
    assert list(scratch.iterdir()) == []


def test_two_sources_and_our_own_files_can_be_inputs(
    talk: Path, binary: FFmpeg, box: Sandbox, scratch: Path, limits: Limits
) -> None:
    shutil.copy(talk, scratch / "mine.mp4")
    inputs = ["-i", "file:source", "-i", "file:second", "-i", "file:mine.mp4", "-f", "lavfi", "-i", "anullsrc=d=1"]
    args = [*inputs, "-map", "0:v", "-map", "1:a", "-map", "2:a", "-map", "3:a", "-f", "null", "-"]
    report = ffmpeg.run(
        binary, args, scratch=scratch, source=talk, limits=limits, sandbox=box, extra_sources={"second": talk}
    )
    assert {read.file for read in report.reads if read.frames} == {0, 1, 2, 3}


def test_damage_fails_unless_tolerated(
    talk: Path, binary: FFmpeg, tmp_path: Path, scratch: Path, limits: Limits
) -> None:
    damaged = tmp_path / "damaged.mp4"
    data = bytearray(talk.read_bytes())
    for offset in range(len(data) // 2, len(data) - 64, len(data) // 60):
        data[offset : offset + 16] = b"\xff" * 16
    damaged.write_bytes(data)
    with pytest.raises(SourceRefused) as caught:
        ffmpeg.run(binary, null_run(), scratch=scratch, source=damaged, limits=limits)
    assert caught.value.error_code == "decode_failed"
    report = ffmpeg.run(binary, null_run(), scratch=scratch, source=damaged, limits=limits, tolerate_errors=True)
    assert report.complaints
    assert report.corrupt_frames + sum(read.errors for read in report.reads) > 0


def test_a_mistake_of_ours_is_not_blamed_on_the_source(
    talk: Path, binary: FFmpeg, scratch: Path, limits: Limits
) -> None:
    for args in (
        null_run(["-af", "nosuchfilter"]),
        null_run(["-nosuchoption", "1"]),
        ["-i", "file:source", "-c:a", "nosuchencoder", "file:out.mp4"],
        ["-i", "file:source", "file:out.nosuchformat"],
        null_run(["-af", "volume=nonsense("]),
    ):
        with pytest.raises(PermanentError) as caught:
            ffmpeg.run(binary, args, scratch=scratch, source=talk, limits=limits)
        assert caught.value.error_code == "ffmpeg_failed", caught.value.details
        assert "stderr" in caught.value.details


def test_a_track_that_is_not_there_is_named(talk: Path, binary: FFmpeg, scratch: Path, limits: Limits) -> None:
    with pytest.raises(SourceRefused) as caught:
        ffmpeg.run(binary, null_run(["-map", "0:a:7"]), scratch=scratch, source=talk, limits=limits)
    assert caught.value.error_code == "stream_missing"


def test_a_full_disk_is_a_transient_error(talk: Path, binary: FFmpeg, scratch: Path, limits: Limits) -> None:
    with pytest.raises(StorageFull):
        ffmpeg.run(
            binary, ["-i", "file:source", "-f", "wav", "file:/dev/full"], scratch=scratch, source=talk, limits=limits
        )


def test_an_output_that_grows_too_large_is_an_error_and_not_cut(
    talk: Path, binary: FFmpeg, box: Sandbox, scratch: Path, limits: Limits
) -> None:
    small = replace(limits, file_bytes=2**20)
    args = ["-i", "file:source", "-f", "rawvideo", "file:out.yuv"]
    with pytest.raises(PermanentError) as caught:
        ffmpeg.run(binary, args, scratch=scratch, source=talk, limits=small, sandbox=box)
    assert caught.value.error_code == "output_limit"


def test_too_little_memory_is_named(talk: Path, binary: FFmpeg, scratch: Path, limits: Limits) -> None:
    small = replace(limits, memory_bytes=900 * 2**20)
    args = ["-i", "file:source", "-vf", "scale=7680:4320", "-c:v", "libx264", "file:out.mp4"]
    with pytest.raises(PermanentError) as caught:
        ffmpeg.run(binary, args, scratch=scratch, source=talk, limits=small)
    assert caught.value.error_code in ("memory_limit", "ffmpeg_failed", "ffmpeg_crashed")


def test_cancel_ends_a_running_encode(make: Make, binary: FFmpeg, box: Sandbox, scratch: Path, limits: Limits) -> None:
    source = make("long.mkv", "-f", "lavfi", "-i", "testsrc2=d=120:s=320x240:r=10", "-c:v", "mpeg4", "-y")
    stop = StopToken()
    args = ["-re", "-i", "file:source", "-f", "rawvideo", "file:out.yuv"]
    with pytest.raises(Cancelled):
        ffmpeg.run(
            binary,
            args,
            scratch=scratch,
            source=source,
            limits=limits,
            sandbox=box,
            stop=stop,
            on_progress=lambda _: stop.set("cancelled"),
        )
    assert running_in(scratch) == []


def test_a_source_that_goes_or_changes_is_noticed(
    talk: Path, binary: FFmpeg, tmp_path: Path, scratch: Path, limits: Limits
) -> None:
    source = tmp_path / "talk.mp4"
    with pytest.raises(SourceChanged):
        ffmpeg.run(binary, null_run(), scratch=scratch, source=source, limits=limits)
    shutil.copy(talk, source)
    done = threading.Event()

    def change(_: float) -> None:
        if not done.is_set():
            done.set()
            with source.open("ab") as file:
                file.write(b"more")

    with pytest.raises(SourceChanged):
        ffmpeg.run(binary, null_run(), scratch=scratch, source=source, limits=limits, on_progress=change)


def test_no_input_but_the_run_s_own_files(talk: Path, bundled: FFmpeg, scratch: Path, limits: Limits) -> None:
    for name in (
        "/etc/passwd",
        "file:/etc/passwd",
        "http://example.com/x.mp4",
        "file:../x",
        "file:%d.mp4",
        "file:unknown",
    ):
        with pytest.raises(ValueError, match="none of this run's files"):
            ffmpeg.run(bundled, ["-i", name, "-f", "null", "-"], scratch=scratch, source=talk, limits=limits)


class TestLocate:
    def test_what_was_found_is_remembered_without_starting_a_process(
        self, bundled: FFmpeg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = ffmpeg.locate(explicit=str(bundled.path), cache_dir=tmp_path / "cache")
        monkeypatch.setattr("dailies.media.run.process.run", lambda *_, **__: pytest.fail("a process was started"))
        assert ffmpeg.locate(explicit=str(bundled.path), cache_dir=tmp_path / "cache") == first == bundled

    def test_a_replaced_program_is_asked_again(self, bundled: FFmpeg, tmp_path: Path) -> None:
        link = tmp_path / "ffmpeg"
        link.symlink_to(bundled.path)
        ffmpeg.locate(explicit=str(link), cache_dir=tmp_path)
        link.unlink()
        script(link, "echo 'something else'")
        with pytest.raises(Misconfigured, match="doesn't answer like an FFmpeg"):
            ffmpeg.locate(explicit=str(link), cache_dir=tmp_path)

    @pytest.mark.parametrize("content", ["", "[]", "{", '{"a": 1}', "\x00"])
    def test_a_broken_cache_only_costs_time(self, content: str, bundled: FFmpeg, tmp_path: Path) -> None:
        (tmp_path / "ffmpeg.json").write_text(content)
        assert ffmpeg.locate(explicit=str(bundled.path), cache_dir=tmp_path) == bundled
        assert json.loads((tmp_path / "ffmpeg.json").read_text())

    def test_what_is_missing_is_named_with_the_fix(self, bundled: FFmpeg, tmp_path: Path) -> None:
        program = tmp_path / "ffmpeg"
        script(program, f'"{bundled.path}" "$@" | grep -v -e zscale -e libmp3lame')
        with pytest.raises(Misconfigured, match=r"lacks the filter zscale and the encoder libmp3lame; .*unset it"):
            ffmpeg.locate(explicit=str(program), cache_dir=None)

    def test_a_poor_ffmpeg_on_the_path_is_passed_over(
        self, bundled: FFmpeg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        script(tmp_path / "ffmpeg", "exit 3")
        monkeypatch.setenv("PATH", str(tmp_path))
        assert ffmpeg.locate(explicit=None, cache_dir=None) == bundled
        monkeypatch.setattr("dailies.media.run.find_ffmpeg._bundled", lambda: iter(()))
        with pytest.raises(Misconfigured, match=r"No usable FFmpeg: .*pip install imageio-ffmpeg"):
            ffmpeg.locate(explicit=None, cache_dir=None)

    def test_an_explicit_program_must_exist(self) -> None:
        with pytest.raises(Misconfigured, match="DAILIES_FFMPEG=/nowhere/ffmpeg is not a program"):
            ffmpeg.locate(explicit="/nowhere/ffmpeg", cache_dir=None)

    def test_both_builds_have_ids_of_their_own(self, bundled: FFmpeg, on_path: FFmpeg) -> None:
        if bundled.path != on_path.path:
            assert bundled.build_id != on_path.build_id
        assert bundled.version[0].isdigit()
