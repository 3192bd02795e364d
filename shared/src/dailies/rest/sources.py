"""The routes that tell of a job's source."""

from __future__ import annotations

from dailies.rest import answers
from dailies.rest.route import Asked, Reply
from dailies.services.source_advice import source_advice, source_facts


def get_source(asked: Asked) -> Reply:
    facts = source_facts(asked.platform, asked.uid, asked.path["job_id"])
    info = facts.info.model_dump(mode="json", exclude={"private_tags"})
    return Reply(answers.SourceAnswer(info=info, loudness_lufs=facts.loudness_lufs))


def get_advice(asked: Asked) -> Reply:
    found = source_advice(asked.platform, asked.uid, asked.path["job_id"])
    advice = [
        answers.AdviceItem(
            kind=each.kind,
            recipe=dict(each.recipe),
            reason=each.reason,
            size_bytes=each.size_bytes,
            cpu_seconds=each.price.cpu_seconds,
            cost_usd=each.price.cost_usd,
        )
        for each in found
    ]
    return Reply(answers.AdviceAnswer(advice=advice))
