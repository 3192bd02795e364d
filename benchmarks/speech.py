"""Word errors of the engines on recordings with reference texts, and what they write where nobody speaks.

    DAILIES_SPEECH_CORPUS=FOLDER ./scripts/setup dev python benchmarks/speech.py [--engine faster-whisper]
        [--model FOLDER] [--noise] [--language-known] [--align]

FOLDER has a ``manifest.tsv`` (file, language, reference; a file without a reference must stay without words) and may
have ``NAME.words.json`` beside one (a list of ``word``, ``start_sec``). --noise adds pink noise 10 dB below the speech.
--align gives the reference texts
to the aligners, as if a server had written them, and prints how far the starts of words are off (NAME.words.json).
Generated silence, noise and music are heard as well. CPU seconds are this process's: compare them on a quiet machine.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import unicodedata
import wave
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean

from dailies.adapters.pocketsphinx.transcriber import PocketsphinxTranscriber
from dailies.adapters.speech_engine import SpeechEngines
from dailies.adapters.whisper.transcriber import WhisperTranscriber
from dailies.domain.stop import StopToken
from dailies.domain.transcript.activity import Activity
from dailies.domain.transcript.aligning import with_times
from dailies.domain.transcript.chunks import RATE_HZ, Chunk, Limits, chunked
from dailies.domain.transcript.joining import Answer, Recogniser, joined, placed, unheard
from dailies.domain.transcript.transcript import Segment, Transcript, Word
from dailies.media.graphs.film.highlight_signals import EnvelopeReader
from dailies.ports.aligner import AlignAsk
from dailies.ports.transcriber import Ask, Transcriber
from dailies.settings import read_settings

#: Nobody speaks in these: lavfi sources of 30 s.
WORDLESS = {
    "silence": "anullsrc=r=16000:cl=mono",
    "white noise": "anoisesrc=r=16000:c=white:a=0.3:seed=1",
    "pink noise": "anoisesrc=r=16000:c=pink:a=0.5:seed=1",
    "chords": "aevalsrc='0.2*(sin(2*PI*t*(220+55*floor(mod(t,4))))+sin(2*PI*t*(277+55*floor(mod(t,4))))"
    "+sin(2*PI*t*330))*(0.6+0.4*cos(2*PI*2*t))':s=16000",
}


@dataclass
class Heard:
    """What one recording came to."""

    transcript: Transcript
    cpu_seconds: float


@dataclass
class Totals:
    """Of a language. ``offsets``: how far each matched word's start is off, seconds."""

    words: int = 0
    wrong: int = 0
    clips: list[float] = field(default_factory=list)
    offsets: list[float] = field(default_factory=list)
    right: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0


def sound_of(source: Sequence[str], folder: Path) -> tuple[Path, Activity]:
    """The speech file of what FFmpeg reads with ``source``, and what of it is speech."""
    import imageio_ffmpeg

    path = folder / "speech.wav"
    graph = "asplit[a][b];[b]aresample=8000,highpass=f=300,lowpass=f=3400,asetnsamples=400:p=0,"
    graph += "astats=metadata=1:reset=1:measure_perchannel=none:measure_overall=RMS_level,"
    graph += "ametadata=mode=print:key=lavfi.astats.Overall.RMS_level:file=-,anullsink"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *source]
    command += ["-filter_complex", graph, "-map", "[a]", "-ar", str(RATE_HZ), "-ac", "1", str(path)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    reader = EnvelopeReader()
    for line in said.splitlines():
        reader.line(line)
    return path, Activity.of(reader.levels_dbfs)


def cut(path: Path, chunk: Chunk, folder: Path) -> Path:
    """The chunk's own file."""
    made = folder / "chunk.wav"
    with wave.open(str(path), "rb") as whole, wave.open(str(made), "wb") as part:
        part.setparams(whole.getparams())
        for take in chunk.takes:
            whole.setpos(min(take.first, whole.getnframes()))
            part.writeframes(whole.readframes(take.last - take.first))
    return made


def hear(engine: Transcriber, path: Path, activity: Activity, language: str | None, folder: Path) -> Heard:
    """As the product does: chunks, guards, and once again what came back without words."""
    can = engine.capabilities()
    limits = Limits(can.window_seconds, can.max_seconds, can.max_bytes)
    began = time.process_time()

    def ask(chunk: Chunk, known: str | None) -> Answer:
        windows = [(first / RATE_HZ, last / RATE_HZ) for first, last in chunk.windows]
        said = engine.transcribe(Ask(cut(path, chunk, folder), windows, known), StopToken(), lambda _: None)
        return placed(
            chunk, activity, said.segments, timed=said.timing is not None, language=said.language,
            language_confidence=said.language_confidence, usd=said.usd,
        )  # fmt: skip

    answers, again = [], []
    for chunk in chunked(activity, limits):
        answer = ask(chunk, language)
        answers.append(answer)
        for start, end in unheard(chunk, activity, answer):
            stretch = activity.model_copy(update={"speech": ((start, end),)})
            again += [ask(one, answer.language or language) for one in chunked(stretch, limits)]
    by = Recogniser(engine=can.engine, model=can.model, word_error=can.word_error)
    return Heard(joined(activity, answers, again, by), time.process_time() - began)


def spelt(text: str, language: str) -> list[str]:
    """Words without case and punctuation; characters where a language has no spaces."""
    plain = "".join(c if c.isalnum() or c == "'" else " " for c in unicodedata.normalize("NFC", text.casefold()))
    return [c for c in plain if not c.isspace()] if language in ("ja", "zh") else re.findall(r"\S+", plain)


def errors(reference: Sequence[str], found: Sequence[str]) -> int:
    """Levenshtein's distance."""
    row = list(range(len(found) + 1))
    for number, wanted in enumerate(reference, 1):
        before, row = row, [number]
        for place, got in enumerate(found, 1):
            row.append(min(before[place] + 1, row[-1] + 1, before[place - 1] + (wanted != got)))
    return row[-1]


def start_offsets(times: Path, words: Sequence[Word], language: str) -> Iterator[float]:
    """Of the words that are in both, in order."""
    place, listed = 0, json.loads(times.read_text())
    for one in listed:
        if "start_sec" not in one:
            continue
        name = "".join(spelt(one["word"], language))
        for number in range(place, min(place + 4, len(words))):
            if "".join(spelt(words[number].text, language)) == name:
                yield abs(words[number].start - float(one["start_sec"]))
                place = number + 1
                break


def report_alignment(path: Path, activity: Activity, row: dict[str, str], times: Path, folder: Path) -> None:
    """How far words are off whose text is known: spread over the speech, and found in it by each aligner."""
    language = row["language"]
    chunks = chunked(activity, Limits(30.0, 900.0))
    if len(chunks) != 1:
        sys.exit(f"{row['file']} is too long to be aligned here: five minutes at most.")
    (chunk,) = chunks
    sound = cut(path, chunk, folder)
    said = Segment(text=row["reference"], start=0.0, end=chunk.samples / RATE_HZ)
    answer = placed(chunk, activity, [said], timed=False, language=language)
    found: dict[str, Answer | None] = {"estimated": answer}
    words = [word.text for word in answer.words]
    windows = [(first / RATE_HZ, last / RATE_HZ) for first, last in chunk.windows]
    for aligner in SpeechEngines(read_settings().home / "cache", base_url="http://none").choose("openai").aligners:
        can = aligner.capabilities()
        if can.knows(language):
            spans = aligner.align(AlignAsk(sound, words, language, windows), StopToken(), lambda _: None)
            found[can.engine] = None if spans is None else with_times(chunk, activity, answer, spans)
    for name, one in found.items():
        offsets = sorted(start_offsets(times, one.words, language)) if one is not None else []
        if offsets:
            most = f"{offsets[int(0.9 * len(offsets))]:.2f} s of nine in ten"
            print(f"{row['file']} {name}: {mean(offsets):.3f} s of {len(offsets)} words, at most {most}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=["faster-whisper", "pocketsphinx"], default="faster-whisper")
    parser.add_argument("--model", type=Path, help="a Whisper model's folder, in place of base")
    parser.add_argument("--noise", action="store_true")
    parser.add_argument("--language-known", action="store_true")
    parser.add_argument("--align", action="store_true")
    chosen = parser.parse_args()
    corpus = Path(os.environ.get("DAILIES_SPEECH_CORPUS") or sys.exit("Set DAILIES_SPEECH_CORPUS to a folder."))
    engine: Transcriber = PocketsphinxTranscriber()
    if chosen.engine == "faster-whisper":
        engine = WhisperTranscriber(read_settings().home / "cache", folder=chosen.model)
    languages = engine.capabilities().languages or frozenset()
    totals: dict[str, Totals] = defaultdict(Totals)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for wordless, graph in () if chosen.align else WORDLESS.items():
            path, activity = sound_of(["-f", "lavfi", "-t", "30", "-i", graph], folder)
            said = hear(engine, path, activity, None, folder)
            print(f"{wordless}: {len(said.transcript.words)} words, {said.cpu_seconds:.1f} CPU-s")
        with (corpus / "manifest.tsv").open() as lines:
            for row in csv.DictReader(lines, delimiter="\t"):
                language = row["language"]
                if language and language not in languages:
                    continue
                recording = corpus / row["file"]
                path, activity = sound_of(noisy(recording) if chosen.noise else ["-i", str(recording)], folder)
                if chosen.align:
                    times = recording.with_suffix(".words.json")
                    if times.is_file() and row["reference"]:
                        report_alignment(path, activity, row, times, folder)
                    continue
                said = hear(engine, path, activity, language if chosen.language_known else None, folder)
                report(row, said, totals[language], corpus)
                totals[language].seconds += activity.seconds
    print("\n| language | clips | words | word error | mean of clips | starts off | language right | CPU-s an hour |")
    print("|---|---|---|---|---|---|---|---|")
    for language, of in sorted(totals.items()):
        if of.words:
            off = f"{mean(of.offsets):.2f} s" if of.offsets else "–"
            wrong = f"{of.words} | {of.wrong / of.words:.1%} | {mean(of.clips):.1%}"
            right = f"{of.right} of {len(of.clips)}"
            cpu = 3600 * of.cpu_seconds / of.seconds
            print(f"| {language} | {len(of.clips)} | {wrong} | {off} | {right} | {cpu:.0f} |")


def noisy(path: Path) -> list[str]:
    """The recording with pink noise 10 dB below its speech, as FFmpeg's options."""
    import imageio_ffmpeg

    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-i", str(path), "-af", "volumedetect", "-f", "null", "-"]
    log = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    found = re.search(r"mean_volume: (-?[\d.]+) dB", log)
    level = float(found[1]) if found else -20.0
    # FFmpeg's pink noise of amplitude 1 has a mean of −18.7 dB (volumedetect).
    gain = level - 10 + 18.7
    noise = f"anoisesrc=r=16000:c=pink:a=1:seed=1,volume={gain:.2f}dB[n];amovie='{path}',aformat=sample_rates=16000[s];"
    return ["-f", "lavfi", "-i", f"{noise}[s][n]amix=inputs=2:duration=first:normalize=0"]


def report(row: dict[str, str], said: Heard, of: Totals, corpus: Path) -> None:
    """One line for the recording; its figures go into its language's."""
    words = said.transcript.words
    if not row["reference"]:
        print(f"{row['file']}: {len(words)} words where nobody speaks")
        return
    language = row["language"]
    reference, found = spelt(row["reference"], language), spelt(said.transcript.text, language)
    wrong = errors(reference, found)
    of.words += len(reference)
    of.wrong += wrong
    of.clips.append(wrong / len(reference))
    of.right += said.transcript.language == language
    of.cpu_seconds += said.cpu_seconds
    times = (corpus / row["file"]).with_suffix(".words.json")
    if times.is_file():
        of.offsets += start_offsets(times, words, language)
    covered = said.transcript.coverage
    print(
        f"{row['file']}: {wrong} of {len(reference)} wrong, {said.transcript.language}, covered "
        f"{'–' if covered is None else format(covered, '.0%')}: {said.transcript.text!r}"
    )


if __name__ == "__main__":
    main()
