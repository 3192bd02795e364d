"""QualityAnalysisService: tells what was measured of a source, and what would suit it."""

from __future__ import annotations

import json

from dailies.domain.source.media_info import AudioStream, VideoStream
from dailies.rpc import encoding
from dailies.rpc.call import Asked
from dailies.rpc.wire import dailies_pb2 as wire
from dailies.services.source_advice import Advice, source_advice, source_facts


def analyze_video(asked: Asked) -> wire.AnalyzeVideoResponse:
    info = source_facts(asked.platform, asked.uid, asked.message.job_id).info
    return wire.AnalyzeVideoResponse(
        container=info.container,
        duration=encoding.duration(info.duration_seconds),
        size_bytes=info.size_bytes,
        tracks=[_video(stream) for stream in info.video],
    )


def analyze_audio(asked: Asked) -> wire.AnalyzeAudioResponse:
    facts = source_facts(asked.platform, asked.uid, asked.message.job_id)
    return wire.AnalyzeAudioResponse(
        tracks=[_audio(stream) for stream in facts.info.audio], loudness_lufs=facts.loudness_lufs
    )


def optimize_settings(asked: Asked) -> wire.OptimizeSettingsResponse:
    found = source_advice(asked.platform, asked.uid, asked.message.job_id)
    return wire.OptimizeSettingsResponse(advice=[_advice(each) for each in found])


def _video(stream: VideoStream) -> wire.VideoFacts:
    return wire.VideoFacts(
        codec=stream.codec,
        width=stream.width,
        height=stream.height,
        frame_rate_hz=stream.frames_per_second or 0.0,
        pixel_format=stream.pixel_format or "",
        hdr=stream.hdr is not None,
        interlaced=stream.interlaced,
        duration=encoding.duration(stream.duration_seconds),
        bit_rate_bps=stream.bitrate_bps,
    )


def _audio(stream: AudioStream) -> wire.AudioFacts:
    return wire.AudioFacts(
        codec=stream.codec,
        sample_rate_hz=stream.sample_rate_hz,
        channels=stream.channels,
        layout=stream.layout or "",
        language=stream.language or "",
        duration=encoding.duration(stream.duration_seconds),
    )


def _advice(found: Advice) -> wire.Advice:
    return wire.Advice(
        kind=found.kind,
        recipe_json=json.dumps(found.recipe),
        reason=found.reason,
        size_bytes=found.size_bytes,
        cpu_seconds=found.price.cpu_seconds,
        cost_usd=found.price.cost_usd,
    )
