"""Sources of many tests, by name: what FFmpeg is asked for."""

from __future__ import annotations

_PEAKY = (  # short bursts over a quiet bed: a crest factor that −16 LUFS can't have without a limiter
    "aevalsrc='0.25*sin(2*PI*180*t)*pow(max(0,sin(2*PI*1.7*t)),8)+0.02*sin(2*PI*440*t)"
    "+1.4*(random(0)-0.5)*pow(max(0,sin(2*PI*0.9*t)),200)':s=48000:d={d}"
)
_PICTURE = "testsrc2=size=320x180:rate=30:duration={d}"

CLIPS: dict[str, list[str]] = {
    "talk.mp4": [
        "-f", "lavfi", "-i", _PICTURE.format(d=12), "-f", "lavfi", "-i", _PEAKY.format(d=12),
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "128k", "-ac", "2",
    ],
    "hd.mp4": [
        "-f", "lavfi", "-i", _PICTURE.format(d=3), "-f", "lavfi", "-i", _PEAKY.format(d=3),
        "-vf", "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709",
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac",
    ],
    "quiet.wav": ["-f", "lavfi", "-i", "sine=frequency=997:sample_rate=44100:duration=8", "-af", "volume=-20dB"],
    "silence.wav": ["-f", "lavfi", "-i", "anullsrc=sample_rate=48000:channel_layout=stereo:duration=5"],
    "blip.wav": ["-f", "lavfi", "-i", "sine=frequency=997:sample_rate=48000:duration=0.3"],
    "silent_film.mp4": [
        "-f", "lavfi", "-i", _PICTURE.format(d=3), "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
    ],
    "surround.wav": [
        "-f", "lavfi", "-i", ("aevalsrc=0.1*sin(2*PI*300*t)|0.1*sin(2*PI*500*t)|0.2*sin(2*PI*700*t)|0.1*sin(2*PI*60*t)"
        "|0.05*sin(2*PI*900*t)|0.05*sin(2*PI*1100*t):s=48000:c=5.1:d=6"),
    ],
    "sixteen.wav": [
        "-f", "lavfi", "-i", "aevalsrc=" + "|".join(f"0.05*sin(2*PI*{200 + 50 * n}*t)" for n in range(16))
        + ":s=48000:d=4",
    ],
    "long.mp4": [  # takes many seconds to encode
        "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=30:duration=40", "-f", "lavfi", "-i", _PEAKY.format(d=40),
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-ac", "2",
    ],
    "busy.mp4": [  # takes about a second to encode
        "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=30:duration=4", "-f", "lavfi", "-i", _PEAKY.format(d=4),
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-ac", "2",
    ],
    "brief.mp4": [  # has to be encoded, too, but soon is
        "-f", "lavfi", "-i", _PICTURE.format(d=3), "-f", "lavfi", "-i", _PEAKY.format(d=3),
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-ac", "2",
    ],
    "odd.mkv": [
        "-f", "lavfi", "-i", "testsrc2=size=321x181:rate=25:duration=2", "-f", "lavfi", "-i", "sine=duration=2",
        "-c:v", "ffv1", "-pix_fmt", "yuv444p", "-c:a", "flac",
    ],
    "late.mp4": [  # audio starts 1.5 s after the pictures
        "-f", "lavfi", "-i", _PICTURE.format(d=5), "-itsoffset", "1.5", "-f", "lavfi", "-i", _PEAKY.format(d=3),
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac",
    ],
    "tracks.mkv": [
        "-f", "lavfi", "-i", "sine=frequency=300:duration=4", "-f", "lavfi", "-i", "sine=frequency=3000:duration=4",
        "-map", "0:a", "-map", "1:a", "-c:a", "flac",
    ],
}  # fmt: skip
