"""A server on a folder of small runs, without a port."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from inkproof.server.app import create_app, make_state
from small_runs import make_run


@pytest.fixture
def runs_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "runs"
    make_run(folder, "first")
    make_run(folder, "second")
    return folder


@pytest.fixture
def client(runs_dir: Path) -> Iterator[TestClient]:
    app = create_app(make_state(runs_dir, with_tensorboard=False), static_dir=runs_dir.parent / "static")
    with TestClient(app, base_url="http://127.0.0.1:8420") as client:
        yield client
