"""Which trainings several workers can share, and what is said of the others. Starts no Ray."""

from __future__ import annotations

from pathlib import Path

import pytest

import inkproof
from inkproof.config import Beginning, load_recipe
from inkproof.errors import RunsDirError, UsageError
from inkproof.training.parallel import check_workers, open_folder


@pytest.mark.parametrize(
    ("num_workers", "message", "hint"),
    [
        (0, r"^0 workers came; at least 1 was expected\.$", "Leave `--workers` out for one."),
        (-3, r"^-3 workers came; at least 1 was expected\.$", "Leave `--workers` out for one."),
        (
            101,
            r"^101 workers came for batches of 100 images: each worker needs an image\.$",
            "Give at most 100 workers, or a larger `--batch-size`.",
        ),
    ],
)
def test_a_number_of_workers_that_cannot_be_is_refused(num_workers: int, message: str, hint: str) -> None:
    with pytest.raises(UsageError, match=message) as raised:
        check_workers(load_recipe("tutorial"), num_workers)

    assert raised.value.hint == hint
    assert raised.value.field == "workers"


def test_a_fork_is_replayed_by_one_process() -> None:
    config = load_recipe("softmax")
    same = {name: getattr(config, name) for name in Beginning.model_fields if name != "last_step"}
    fork = config.model_copy(update={"beginnings": (Beginning(last_step=5, **same),)})

    with pytest.raises(
        UsageError, match=r"^The run is a fork, which replays its beginning: that is done by one"
    ) as raised:
        check_workers(fork, 2)

    assert raised.value.hint == "Leave `--workers` out."


def test_a_cluster_without_a_number_of_workers_is_refused_before_there_is_a_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^The cluster '10.0.0.1:6379' came without a number of workers\.$"):
        inkproof.train("softmax", runs_dir=tmp_path, ray_address="10.0.0.1:6379")

    assert list(tmp_path.iterdir()) == []


def test_a_run_folder_that_the_first_worker_does_not_see_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunsDirError, match=rf"does not see the run folder '{tmp_path}/one'\.$"):
        open_folder(tmp_path / "one")
