"""``dailies convert`` and ``run`` as a user types them, on real media, judged by an independent meter."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from dailies.media.probe.probe_host import ProbeHost
from tests.e2e.command import Dailies
from tests.e2e.in_process import another, dailies as dailies  # noqa: PLC0414 - a fixture
from tests.e2e.meter import ebur128
from tests.made import ffmpeg, lend_tools

Clips = Callable[[str], Path]


def only(document: Any) -> Any:
    [output] = document["outputs"].values()
    return output


def checks_of(output: Any) -> dict[str, bool]:
    return {check["name"]: check["passed"] for check in output["checks"]}


def run(dailies: Dailies, source: Path, out: Path, outputs: dict[str, dict[str, Any]]) -> Any:
    recipe = out.with_suffix(".json")
    recipe.write_text(json.dumps({"outputs": outputs}))
    return dailies("run", source, "--recipe", recipe, "--out", out)


def levelled(form: str) -> dict[str, Any]:
    """What ``convert --to`` asks for."""
    return {"kind": "audio", "format": form, "normalize": {}}


def test_peaky_speech_meets_target_and_ceiling_in_every_format(dailies: Dailies, clips: Clips, tmp_path: Path) -> None:
    """±0.1 LU of −16 LUFS and never above −1 dBTP on the encoded file, by FFmpeg's own ebur128."""
    forms = ["mp3", "wav", "ogg", "opus", "m4a", "flac"]
    document = run(dailies, clips("talk.mp4"), tmp_path / "out", {form: levelled(form) for form in forms})
    for form in forms:
        out, output = tmp_path / "out" / f"{form}.{form}", document["outputs"][form]
        heard = ebur128(out)
        assert abs(heard.integrated - -16.0) <= 0.1, form
        assert heard.true_peak <= -1.0, form
        assert output["loudness"]["mode"] == "limited", form
        assert output["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest(), form
        assert output["audio"]["sample_rate_hz"] == 48000, form
        assert all(checks_of(output).values()), form
    assert dailies.leftovers() == []


def test_a_quiet_tone_is_raised_by_linear_gain(dailies: Dailies, clips: Clips, tmp_path: Path) -> None:
    """What fits under the ceiling gets one gain and nothing else, at the source's sample rate."""
    out = tmp_path / "tone.wav"
    output = only(dailies("convert", clips("quiet.wav"), "--to", "wav", "-o", out, "--loudness", "-20"))
    assert output["loudness"]["mode"] == "linear"
    assert output["audio"]["sample_rate_hz"] == 44100
    assert abs(ebur128(out).integrated - -20.0) <= 0.1


@pytest.mark.parametrize("clip", ["silence.wav", "blip.wav"])
def test_undefined_loudness_is_passed_through_and_said_so(
    dailies: Dailies, clips: Clips, tmp_path: Path, clip: str
) -> None:
    """Silence and clips under 0.4 s have no loudness: nothing is changed and the reason is given."""
    output = only(dailies("convert", clips(clip), "--to", "flac", "-o", tmp_path / "x.flac"))
    assert output["loudness"]["mode"] == "unchanged"
    assert output["loudness"]["gain_db"] == 0
    assert output["loudness"]["reason"]


def test_the_second_run_is_all_cached_and_the_same_bytes(clips: Clips, tmp_path: Path) -> None:
    """An identical run, by other processes, looks everything up; another place gets the same bytes."""
    dailies = Dailies(lend_tools(tmp_path / "home"))
    first = dailies("convert", clips("hd.mp4"), "--to", "mp3", "-o", tmp_path / "a.mp3")
    second = dailies("convert", clips("hd.mp4"), "--to", "mp3", "-o", tmp_path / "b.mp3")
    assert {step["status"] for step in first["steps"]} == {"done"}
    assert {step["status"] for step in second["steps"]} == {"cached"}
    assert (tmp_path / "a.mp3").read_bytes() == (tmp_path / "b.mp3").read_bytes()


def test_two_stores_make_the_same_bytes(dailies: Dailies, clips: Clips, tmp_path: Path) -> None:
    """Nothing of time, place or process is in an output: one is made here, the other by processes."""
    other = Dailies(lend_tools(tmp_path / "other-home"))
    outputs = {form: levelled(form) for form in ("ogg", "m4a")}
    for store, place in ((dailies, "mine"), (other, "theirs")):
        run(store, clips("hd.mp4"), tmp_path / place, outputs)
    for form in outputs:
        mine, theirs = (tmp_path / place / f"{form}.{form}" for place in ("mine", "theirs"))
        assert mine.read_bytes() == theirs.read_bytes()


def test_one_recipe_makes_many_outputs_in_one_run(
    dailies: Dailies, probe_host: ProbeHost, clips: Clips, tmp_path: Path
) -> None:
    """Trim, normalisation, lossless and video of one source; fusing changes no byte of an audio output."""
    podcast = {"kind": "audio", "format": "mp3", "start": 0.5, "end": 2.5, "normalize": {"integrated_lufs": -18}}
    asked: dict[str, dict[str, Any]] = {
        "podcast": podcast,
        "lossless": {"kind": "audio", "format": "wav", "quality": "lossless"},
        "web": {"kind": "video", "format": "mp4", "height": 90, "normalize": {"integrated_lufs": -20}},
        "part": {"kind": "video", "format": "mp4", "height": 90, "start": 1, "end": 2},
    }
    document = run(dailies, clips("hd.mp4"), tmp_path / "out", asked)
    outputs = document["outputs"]
    assert set(outputs) == set(asked)
    assert dailies.sharers().items() >= dict.fromkeys(outputs, 4).items()
    assert abs(outputs["podcast"]["duration_seconds"] - 2) < 0.1
    assert abs(ebur128(tmp_path / "out" / "podcast.mp3").integrated - -18) <= 0.1
    assert abs(ebur128(tmp_path / "out" / "web.mp4").integrated - -20) <= 0.1
    assert outputs["lossless"]["loudness"]["mode"] == "unchanged"
    web = outputs["web"]["video"]
    assert (web["width"], web["height"], web["codec"]) == (160, 90, "h264")
    assert web["color"] == "bt709/bt709/bt709/tv"
    assert outputs["part"]["video"]["frames"] == Fraction(web["frame_rate"])
    alone = another(tmp_path / "alone", probe_host)
    run(alone, clips("hd.mp4"), tmp_path / "alone-out", {"podcast": podcast})
    assert (tmp_path / "alone-out/podcast.mp3").read_bytes() == (tmp_path / "out/podcast.mp3").read_bytes()


def test_changing_one_output_reruns_only_it(dailies: Dailies, clips: Clips, tmp_path: Path) -> None:
    """A re-edit costs what changed."""
    outputs: dict[str, dict[str, Any]] = {
        "a": {"kind": "audio", "format": "mp3"},
        "b": {"kind": "audio", "format": "opus"},
    }
    run(dailies, clips("hd.mp4"), tmp_path / "one", outputs)
    outputs["b"]["quality"] = "low"
    document = run(dailies, clips("hd.mp4"), tmp_path / "two", outputs)
    assert {step["name"]: step["status"] for step in document["steps"]} == {
        "probe": "cached", "a": "cached", "b": "done",
    }  # fmt: skip


def test_streams_are_copied_when_nothing_is_asked(dailies: Dailies, clips: Clips, tmp_path: Path) -> None:
    """AAC into m4a and H.264 into mp4 are not encoded again: the packets are the source's."""
    audio = only(dailies("convert", clips("talk.mp4"), "--to", "m4a", "--no-normalize", "-o", tmp_path / "a.m4a"))
    assert audio["copied"] is True
    assert audio["audio"]["codec"] == "aac"
    video = only(dailies("convert", clips("hd.mp4"), "--to", "mp4", "--no-normalize", "-o", tmp_path / "a.mp4"))
    assert video["copied"] is True


def test_lossless_keeps_every_sample(dailies: Dailies, clips: Clips, tmp_path: Path) -> None:
    """WAV to FLAC and back is the same PCM."""
    ffmpeg("-i", clips("quiet.wav"), "-f", "s16le", tmp_path / "before.pcm")
    dailies("convert", clips("quiet.wav"), "--to", "flac", "--quality", "lossless", "--no-normalize",
            "-o", tmp_path / "x.flac")  # fmt: skip
    ffmpeg("-i", tmp_path / "x.flac", "-f", "s16le", tmp_path / "after.pcm")
    assert (tmp_path / "before.pcm").read_bytes() == (tmp_path / "after.pcm").read_bytes()


def test_trim_is_sample_accurate(dailies: Dailies, clips: Clips, tmp_path: Path) -> None:
    """start and end are times of the source: the cut's samples are those of the whole."""
    dailies("convert", clips("quiet.wav"), "--to", "wav", "--no-normalize", "--start", "1.25", "--end", "3.5",
            "-o", tmp_path / "cut.wav")  # fmt: skip
    ffmpeg("-i", clips("quiet.wav"), "-f", "s16le", tmp_path / "whole.pcm")
    ffmpeg("-i", tmp_path / "cut.wav", "-f", "s16le", tmp_path / "cut.pcm")
    whole, cut = (tmp_path / "whole.pcm").read_bytes(), (tmp_path / "cut.pcm").read_bytes()
    first = round(1.25 * 44100) * 2
    assert cut == whole[first : first + round(2.25 * 44100) * 2]


def test_surround_is_kept_where_the_format_carries_it(dailies: Dailies, clips: Clips, tmp_path: Path) -> None:
    """5.1 stays 5.1, and becomes stereo in MP3; its loudness is the channel-weighted one."""
    channels = {"mp3": 2, "flac": 6, "opus": 6}
    document = run(dailies, clips("surround.wav"), tmp_path / "out", {form: levelled(form) for form in channels})
    found = {form: document["outputs"][form]["audio"]["channels"] for form in channels}
    assert found == channels
    for form in channels:
        assert abs(ebur128(tmp_path / "out" / f"{form}.{form}").integrated - -16.0) <= 0.1, form


def test_sixteen_channels_become_stereo(dailies: Dailies, clips: Clips, tmp_path: Path) -> None:
    """More than eight channels have no common meaning: odd ones go left, even ones right."""
    out = tmp_path / "x.m4a"
    output = only(dailies("convert", clips("sixteen.wav"), "--to", "m4a", "-o", out))
    assert output["audio"]["channels"] == 2
    assert abs(ebur128(out).integrated - -16.0) <= 0.1


def test_a_late_audio_track_stays_in_step(dailies: Dailies, clips: Clips, tmp_path: Path) -> None:
    """The gap before the first sample becomes silence, so times are the source's in every output."""
    output = only(dailies("convert", clips("late.mp4"), "--to", "wav", "-o", tmp_path / "late.wav"))
    assert abs(output["duration_seconds"] - 4.5) < 0.1
    ffmpeg("-i", tmp_path / "late.wav", "-t", "1.4", "-f", "s16le", tmp_path / "head.pcm")
    assert set((tmp_path / "head.pcm").read_bytes()) <= {0, 1, 255}


def test_another_audio_track_can_be_asked_for(dailies: Dailies, clips: Clips, tmp_path: Path) -> None:
    """Tracks count from 0; the two outputs differ, and a track that is not there is refused."""
    for track in (0, 1):
        dailies("convert", clips("tracks.mkv"), "--to", "flac", "--track", str(track), "--no-normalize",
                "-o", tmp_path / f"{track}.flac")  # fmt: skip
    assert (tmp_path / "0.flac").read_bytes() != (tmp_path / "1.flac").read_bytes()
    refused = dailies("convert", clips("tracks.mkv"), "--to", "flac", "--track", "2", "-o", tmp_path / "2.flac", code=3)
    assert refused["error"]["details"]["field"].endswith("audio_track")


def test_odd_dimensions_become_even(dailies: Dailies, clips: Clips, tmp_path: Path) -> None:
    """321 × 181 loses a column and a row; 4:4:4 becomes 4:2:0 that everything plays."""
    output = only(dailies("convert", clips("odd.mkv"), "--to", "mp4", "-o", tmp_path / "odd.mp4"))
    video = output["video"]
    assert (video["width"], video["height"], video["pixel_format"]) == (320, 180, "yuv420p")
    assert all(checks_of(output).values())


def test_video_without_audio(dailies: Dailies, clips: Clips, tmp_path: Path) -> None:
    """A silent film is a fine video, and has a specific answer when audio is asked."""
    output = only(
        dailies("convert", clips("silent_film.mp4"), "--to", "mp4", "--height", "90", "-o", tmp_path / "f.mp4")
    )
    assert output["audio"] is None
    refused = dailies("convert", clips("silent_film.mp4"), "--to", "mp3", "-o", tmp_path / "f.mp3", code=3)
    assert refused["error"]["code"] == "no_audio"
    assert not (tmp_path / "f.mp3").exists()


def test_a_refusal_is_one_sentence(dailies: Dailies, tmp_path: Path) -> None:
    """What a worker logs is not for who typed the command, unless they ask to see it."""
    file = tmp_path / "notes.mp4"
    file.write_bytes(bytes(range(1, 250)) * 9)
    said = []
    for flags in ((), ("--debug",)):
        # A machine that is slow today would say how far it is.
        with dailies.start("convert", file, "--to", "mp3", "--quiet", *flags) as process:
            said.append(process.communicate(timeout=60)[1])
        assert process.returncode == 3
    assert said[0].startswith("dailies: ")
    assert said[0].count("\n") == 1
    assert '"event": "job failed"' in said[1]
