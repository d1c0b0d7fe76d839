"""docs/how-to/use-the-api.md does what it says: its commands and its program are carried out."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from inkproof.server.app import create_app, make_state
from small_runs import make_run

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "use-the-api.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def runs_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    runs_dir = tmp_path_factory.mktemp("here") / "runs"
    for name in ("softmax", "tutorial"):
        make_run(runs_dir, name)
    return runs_dir


@pytest.fixture(scope="module")
def port(runs_dir: Path) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        app = create_app(make_state(runs_dir, with_tensorboard=False))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join(20)


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
@pytest.mark.parametrize("command", [block for block in blocks("sh") if "curl" in block])
def test_the_commands_are_answered(port: int, command: str) -> None:
    ended = subprocess.run(
        ["sh", "-c", command.replace("8420", str(port))], capture_output=True, text=True, timeout=60, check=True
    )

    assert ended.stdout.startswith(('{"runs"', '{"inputs"', '{"index"'))
    assert '"error"' not in ended.stdout


def run_program(program: str, folder: Path) -> str:
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_the_program_runs_and_prints(port: int, runs_dir: Path) -> None:
    asking, _ = blocks("python")

    printed = run_program(asking.replace("8420", str(port)), runs_dir.parent)

    assert re.search(r"read as in the middle at \d+ of \d+ places", printed)
    assert re.search(r"^100 \d$", printed, flags=re.MULTILINE)


def test_the_program_without_a_server_runs_and_prints(runs_dir: Path) -> None:
    _, judging = blocks("python")

    printed = run_program(
        judging + "\nimport sys\nassert not {'keras', 'tensorflow'} & set(sys.modules)\n", runs_dir.parent
    )

    assert re.search(r"^\[\d \d \d\]$", printed, flags=re.MULTILINE)
    assert re.search(r"^softmax: \d+\.\d% at the edges \(\d+\.\d% to \d+\.\d%\)$", printed, flags=re.MULTILINE)
