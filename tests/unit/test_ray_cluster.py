"""The door to Ray: what is refused before anything is begun. Real clusters are joined in tests/e2e/test_sweep.py."""

from __future__ import annotations

import platform
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from inkproof import ray_cluster
from inkproof.errors import ClusterError, MissingExtraError
from inkproof.ray_cluster import _refused, check_extra, connect


@pytest.fixture
def free_port() -> Iterator[int]:
    """A port of this machine on which nobody listens, kept from others."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def test_another_program_at_the_port_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_cluster, "_TRY_SECONDS", 4.0)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        address = f"127.0.0.1:{deaf.getsockname()[1]}"
        with pytest.raises(ClusterError, match=r"listens at .* but no cluster of Ray answers there"), connect(address):
            pass


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_a_token_that_is_missing_is_told_at_the_first_try(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: what Ray 2.60 says, as the child process that tries to join passes it on
    said = "gcs_client.cc:210: Unauthenticated: RPC error: InvalidAuthToken: Authentication token is missing"
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))

    with socket.create_server(("127.0.0.1", 0)) as cluster:
        address = f"127.0.0.1:{cluster.getsockname()[1]}"
        message = rf"^The cluster at '{address}' asks for a token, which is missing here or is another one\.$"
        with pytest.raises(ClusterError, match=message) as raised, connect(address):
            pass

    assert str(raised.value.hint).startswith("Set RAY_AUTH_MODE=token, and copy ~/.ray/auth_token")


@pytest.mark.parametrize(
    ("hidden", "asked", "named"),
    [
        (["ray"], [], "Ray"),
        (["optuna"], [], "Optuna"),
        (["ray", "optuna"], [], "Ray and Optuna"),
        (["ray"], ["ray"], "Ray"),
    ],
    ids=str,
)
def test_a_missing_extra_names_what_to_install(
    monkeypatch: pytest.MonkeyPatch, hidden: list[str], asked: list[str], named: str
) -> None:
    for module in hidden:
        monkeypatch.setitem(sys.modules, module, None)  # as if it were not installed

    with pytest.raises(MissingExtraError, match=rf"^This needs {named}, which is not installed\.$") as raised:
        check_extra(*asked)

    assert raised.value.hint == "Install it with `pip install 'inkproof[sweep]'`."


def test_what_is_not_needed_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)

    check_extra("ray")


@pytest.mark.parametrize(
    "address", ["", "auto", "10.0.0.1", ":6379", "10.0.0.1:", "10.0.0.1:ray", "10.0.0.1:²", "ray://10.0.0.1:10001"]
)
def test_an_address_of_another_form_is_told(address: str) -> None:
    message = rf"^The address '{address}' came; HOST:PORT was expected\.$"
    with pytest.raises(ClusterError, match=message) as raised, connect(address):
        pass

    assert raised.value.field == "ray_address"
    assert "10.0.0.1:6379" in str(raised.value.hint)


def test_a_port_on_which_nobody_listens_is_told(free_port: int) -> None:
    message = rf"^No cluster of Ray answers at '127\.0\.0\.1:{free_port}': Connection refused\.$"
    with pytest.raises(ClusterError, match=message) as raised, connect(f"127.0.0.1:{free_port}"):
        pass

    assert str(raised.value.hint).startswith("See with `ray status` on its first machine that it runs")


@pytest.mark.parametrize("address", ["127.0.0.1:99999", f"{'a' * 70}.example:6379"], ids=["port", "host"])
def test_an_address_that_cannot_be_is_told(address: str) -> None:
    with pytest.raises(ClusterError, match=rf"^No cluster of Ray answers at '{address}': "), connect(address):
        pass


def test_other_versions_are_named_with_what_to_install() -> None:
    ray = pytest.importorskip("ray")
    said = RuntimeError("Version mismatch: The cluster was started with:\n    Ray: 1.0.0\n    Python: 3.9.1\n")

    error = _refused("10.0.0.1:6379", said)

    assert error.message == (
        f"The cluster at '10.0.0.1:6379' runs other versions than this machine, which has Ray {ray.__version__} and "
        f"Python {platform.python_version()}: "
        "Version mismatch: The cluster was started with: Ray: 1.0.0 Python: 3.9.1"
    )
    assert (
        error.hint == "Install the same versions on every machine: `pip install -c constraints.txt 'inkproof[sweep]'`."
    )


def test_a_refusal_is_told_with_what_to_look_at() -> None:
    error = _refused("10.0.0.1:6379", ConnectionError("Failed to connect to Ray cluster at 10.0.0.1:6379\n"))

    assert error.message == (
        "The cluster at '10.0.0.1:6379' refused: Failed to connect to Ray cluster at 10.0.0.1:6379"
    )
    assert str(error.hint).endswith("set RAY_AUTH_MODE=token here, and copy its ~/.ray/auth_token.")


def test_who_asks_nobody_leaves_nothing_behind(tmp_path: Path, free_port: int) -> None:
    with (
        pytest.raises(ClusterError, match=r"^No cluster"),
        connect(f"127.0.0.1:{free_port}", runs_dir=tmp_path / "runs"),
    ):
        pass

    assert not (tmp_path / "runs").exists()
