"""README's and docs' every command, as it is written there: in a shell, in a folder with the files that they name."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.made import made

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
_CODE = re.compile(r"^```(?P<language>\w*)\n(?P<block>.*?)^```|`(?P<line>[^`\n]*)`", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^(?:\$ )?(?P<text>(?:\./)?dailies [a-z].*?)\s*(?:  #.*)?$")
# A sentence about a command, which would need arguments.
_NAME = re.compile(r"(?:\./)?dailies (?:convert|transcribe|vats|run|plan|probe|completion)")
#: What stands for a user's own words.
_MEANT = {
    "FILE…": "talk.mp4 memo.wav", "FILE": "talk.mp4", "FORMAT": "mp3", "RECIPE": "recipe.json", "FOLDER": "out",
    "SHELL": "bash", "N": "0",
}  # fmt: skip
#: Which are tried elsewhere, and where.
_ELSEWHERE = {
    "--project": "a deployment: tests/unit/services/diagnosis",
    "--emulators": "Firebase's emulators: tests/e2e/test_emulators.py",
    "https://": "the network: tests of sources",
    "dailies fetch": "the network: tests/e2e/test_url.py",
    "dailies grpc": "a server: tests/e2e/test_grpc.py",
    "dailies keys": "tests/e2e/test_api_page.py, and tests/functions/rest/test_keys.py",
    "dailies notifications": "tests/e2e/test_notifications.py",
    "dailies batch": "tests/e2e/test_batch_commands.py",
    "dailies webhooks": "tests/e2e/test_webhooks.py, and tests/e2e/test_batch_commands.py",
}
# As long as the pages' times say, and small otherwise: what is tried is the commands.
_PICTURE, _SOUND = "testsrc2=size=160x90:rate=5:duration={0}", "sine=frequency=330:sample_rate=16000:duration={0}"


def shown(text: str) -> Iterator[tuple[str, int]]:
    """The commands of a page with the exit codes that they show: an answer of `dailies: …` is a refusal's."""
    for code in _CODE.finditer(text):
        lines = ("" if code["language"] else code["block"] or code["line"] or "").splitlines()
        for number, line in enumerate(lines):
            if (found := _COMMAND.match(line)) and not _NAME.fullmatch(line):
                refused = lines[number + 1 : number + 2] and lines[number + 1].startswith("dailies: ")
                yield found["text"], 3 if refused else 0


COMMANDS = sorted({command for page in PAGES for command in shown(page.read_text(encoding="utf-8"))})


def _is_up(command: str) -> bool:
    return re.match(r"(\./)?dailies up\b", command) is not None


def elsewhere(command: str) -> bool:
    return any(word in command for word in _ELSEWHERE)


def film_of(seconds: int) -> Path:
    sources = ("-f", "lavfi", "-i", _PICTURE.format(seconds), "-f", "lavfi", "-i", _SOUND.format(seconds))
    return made(
        "film.mp4", *sources, "-shortest", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-g", "5",
        "-c:a", "aac",
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the pages speak of: a talk, shorter films and sounds, a folder of recordings, the recipes."""
    place = tmp_path_factory.mktemp("a folder")
    (place / "Recordings").mkdir()
    shutil.copy(film_of(100), place / "talk.mp4")
    for name in ("interview.mov", "lecture.mp4", "-odd-name.mp4", "Recordings/one.mp4"):
        shutil.copy(film_of(5), place / name)
    for name in ("memo.wav", "Recordings/two.wav"):
        shutil.copy(made("sound.wav", "-f", "lavfi", "-i", _SOUND.format(5)), place / name)
    shutil.copy(made("call.wav", "-f", "lavfi", "-i", _SOUND.format(5), "-ac", "2"), place)
    tour = (ROOT / "docs" / "tour.md").read_text(encoding="utf-8")
    recipe = json.loads(re.findall(r"```json\n(.*?)```", tour, re.DOTALL)[0])
    (place / "recipe.json").write_text(json.dumps(recipe))
    gallery = (ROOT / "docs" / "gallery" / "README.md").read_text(encoding="utf-8")
    (place / "made.json").write_text(re.findall(r"```json\n(.*?)```", gallery, re.DOTALL)[0])
    (place / "after.json").write_text(re.findall(r"after\.json --out out +# (\{.*\})", gallery)[0])
    start = f'#!/bin/sh\nexec "{sys.executable}" -P -m dailies "$@"\n'
    (place / "bin").mkdir()
    for program in (place / "bin" / "dailies", place / "dailies"):
        program.write_text(start)
        program.chmod(0o755)
    return place


@pytest.fixture
def environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "DAILIES_HOME": str(folder / "home"),
        "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
    }


def run(command: str, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def meant(command: str, folder: Path, environment: dict[str, str]) -> str:
    """With words for the placeholders."""
    if "job:ID/OUTPUT" in command:
        made_before = run("dailies convert memo.wav --to flac -o of-a-job.flac --overwrite --json", folder, environment)
        job_id = json.loads(made_before.stdout)["job_id"]
        command = command.replace("job:ID/OUTPUT", f"job:{job_id}/output")
    if re.search(r"\bID\b", command):
        [job, *_] = json.loads(run("dailies jobs --json", folder, environment).stdout)
        command = re.sub(r"\bID\b", job["job_id"], command)
    for placeholder, word in _MEANT.items():
        command = re.sub(rf"(?<![\w.]){placeholder}(?!\w)", word, command)
    return command


def test_the_pages_show_commands() -> None:
    """What finds none would prove nothing; each of the commands is among them."""
    assert len(COMMANDS) > 20
    for command in ("convert", "run", "plan", "probe", "jobs", "gc", "doctor", "up", "completion"):
        assert any(re.match(rf"(\./)?dailies {command}\b", text) for text, _ in COMMANDS), command


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_command_does_what_its_page_says(folder: Path, environment: dict[str, str]) -> None:
    """In one folder, as a reader would try them; outputs of one are in the way of none. What two pages say in other
    words for the same is run once.
    """
    made_first = run("dailies run talk.mp4 --recipe made.json --out out", folder, environment)
    assert made_first.returncode == 0, made_first.stderr
    given = set(folder.iterdir())
    wrong = []
    here = [(command, code) for command, code in COMMANDS if not _is_up(command) and not elsewhere(command)]
    tried: dict[tuple[str, int], str] = {}
    for command, code in here:
        tried.setdefault((meant(command, folder, environment), code), command)
    for (words, code), command in tried.items():
        ended = run(words, folder, environment)
        if ended.returncode != code:
            wrong.append(f"{command}: exit {ended.returncode}, {ended.stderr[-300:]}")
        made_here = {path.name for path in folder.iterdir() if path not in given}
        if "lecture.mp4 --to mp4" in command:
            assert "lecture-converted.mp4" in made_here
        for name in made_here:
            # Two pages may make one file of other options.
            if (folder / name).is_file():
                (folder / name).unlink()
    assert not wrong, "\n".join(wrong)
    assert {path.name for path in (folder / "Podcasts").iterdir()} == {"one.mp3", "two.mp3"}


@pytest.mark.parametrize("command", [text for text, _ in COMMANDS if _is_up(text) and not elsewhere(text)])
def test_every_server_says_where_it_is(command: str, folder: Path, environment: dict[str, str]) -> None:
    """On any free port, which is the one thing that is not as it is written."""
    with subprocess.Popen(
        ["bash", "-c", f"exec {command} --port 0"], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as server:  # fmt: skip
        try:
            assert server.stdout is not None
            assert re.match(r"Dailies is up at http://127\.0\.0\.1:\d+ ", server.stdout.readline())
            server.send_signal(signal.SIGTERM)
            assert server.wait(timeout=60) == 0
        finally:
            server.kill()
