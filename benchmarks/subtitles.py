"""Subtitles of an hour of speech: CPU seconds from a transcript's words to each format's file.

    ./scripts/setup benchmarks python benchmarks/subtitles.py [--minutes 60] [--rounds 3]

The text is a reading at 15 letters a second, with pauses at full stops. The requirement: an hour in less than a second.
"""

from __future__ import annotations

import argparse
import time

from dailies.domain.subtitles.ass import write_ass
from dailies.domain.subtitles.measure import measure
from dailies.domain.subtitles.rules import SubtitleRules
from dailies.domain.subtitles.srt import write_srt
from dailies.domain.subtitles.style import SubtitleStyle
from dailies.domain.subtitles.subtitling import subtitle
from dailies.domain.subtitles.timing import Clock
from dailies.domain.subtitles.vtt import write_vtt
from dailies.domain.transcript.transcript import Word

TEXT = (
    "The family of Dashwood had long been settled in Sussex. Their estate was large, and their residence was at Norland"
    " Park, in the centre of their property, where, for many generations, they had lived in so respectable a manner as"
    " to engage the general good opinion of their surrounding acquaintance. And so, my fellow Americans: ask not what"
    " your country can do for you, ask what you can do for your country."
).split()
LETTERS_A_SECOND, BREATH, PAUSE = 15.0, 0.22, 0.55


def reading(seconds: float) -> list[Word]:
    """The text over and over until it has lasted so long."""
    words: list[Word] = []
    at = 0.0
    while at < seconds:
        text = TEXT[len(words) % len(TEXT)]
        end = at + max(0.08, len(text) / LETTERS_A_SECOND)
        words.append(Word(text=text, start=round(at, 2), end=round(end, 2)))
        at = end + 0.03 + (PAUSE if text.endswith(".") else BREATH if text.endswith((",", ":")) else 0)
    return words


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    words, rules = reading(60 * asked.minutes), SubtitleRules()
    best: dict[str, float] = {}
    for _ in range(asked.rounds):
        begun = time.process_time()
        cues = subtitle(words, "en", rules)
        times = {"cues": time.process_time() - begun}
        for name, write in (
            ("srt", write_srt),
            ("vtt", lambda cues: write_vtt(cues, SubtitleStyle())),
            ("ass", lambda cues: write_ass(cues, SubtitleStyle(), karaoke=True)),
            ("measure", lambda cues: measure(cues, rules, Clock())),
        ):
            begun = time.process_time()
            write(cues)
            times[name] = time.process_time() - begun
        best = {name: min(taken, best.get(name, taken)) for name, taken in times.items()}
    print(
        f"{len(words)} words, {len(subtitle(words, 'en', rules))} subtitles of {asked.minutes:g} minutes; CPU seconds:"
    )
    for name, taken in [*best.items(), ("together", sum(best.values()))]:
        print(f"  {name:9}{taken:6.2f}")


if __name__ == "__main__":
    main()
