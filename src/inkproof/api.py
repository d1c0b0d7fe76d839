"""The Python interface, as short as the command: `inkproof.train("tutorial", steps=200)`."""

from __future__ import annotations

import contextlib
import html
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inkproof import runs
from inkproof.config import Config, load_recipe
from inkproof.errors import BrokenRunError, UsageError
from inkproof.machine import describe_machine, describe_versions, find_git_commit
from inkproof.networks import Network

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from inkproof.diagnosis.compare import Report
    from inkproof.progress import Reporter
    from inkproof.training.parallel import Carry


class TrainedRun(runs.Run):
    """A run with what people ask of it: its network, its curves, how it looks in a notebook."""

    @property
    def network(self) -> Network:
        """The finished network; `run.network.predict(images)` gives probabilities.

        Raises:
            BrokenRunError: If the run has none, such as before its end.
        """
        path = self.folder / runs.NETWORK_FILE
        if not path.is_file():
            raise BrokenRunError(
                f"The run '{self.name}' has no finished network: it is {self.status}.",
                "Look at its timeline/ for the networks of earlier steps, or resume it.",
            )
        return Network.load(path)

    def plot(self) -> Figure:
        """Curves of loss and accuracy over the steps, as a matplotlib figure.

        The batch's accuracy is the thin line, the accuracy on all test (or held-out) images the dots.
        """
        from matplotlib.figure import Figure

        metrics = self.metrics
        figure = Figure(figsize=(9, 3.4), layout="constrained")
        left, right = figure.subplots(1, 2)
        if "step" in metrics:
            step = metrics["step"]
            left.plot(step, metrics["loss"], color="C0", linewidth=1)
            right.plot(step, metrics["batch_accuracy"], color="C0", linewidth=0.8, alpha=0.6, label="training batch")
            for name in ("test_accuracy", "validation_accuracy"):
                if name in metrics:
                    label = f"all {name.removesuffix('_accuracy')} images"
                    right.plot(step, metrics[name], "o", color="C1", markersize=4, label=label)
            right.legend(loc="lower right", frameon=False)
        left.set(title="Loss", xlabel="step", ylabel="cross-entropy (nats)")
        right.set(title="Accuracy", xlabel="step", ylim=(0, 1.02))
        for axes in (left, right):
            axes.grid(alpha=0.25)
            axes.spines[["top", "right"]].set_visible(False)
        figure.suptitle(self.name)
        return figure

    def _repr_html_(self) -> str:
        """A table of facts and the curves: what a notebook shows of a run."""
        import io

        record = self.record
        curves = io.StringIO()
        self.plot().savefig(curves, format="svg")
        facts = {
            "recipe": record.recipe,
            "status": self.status,
            "step": f"{record.step:,} of {record.steps:,}",
            "seed": record.seed,
            **{name.replace("_", " "): value for name, value in record.figures.items()},
            "folder": self.folder,
        }
        cells = "".join(f"<tr><th>{html.escape(k)}</th><td>{html.escape(str(v))}</td></tr>" for k, v in facts.items())
        return f"<h4>{html.escape(self.name)}</h4><table>{cells}</table>{curves.getvalue()}"


def train(
    recipe: str = "tutorial",
    *,
    name: str | None = None,
    runs_dir: str | Path = runs.DEFAULT_RUNS_DIR,
    reporter: Reporter | None = None,
    workers: int | None = None,
    ray_address: str | None = None,
    **changes: Any,
) -> TrainedRun:
    """Train a network by a recipe.

    Args:
        recipe: Name of a recipe, such as `tutorial`.
        name: Name of the run; the recipe's, numbered, by default.
        runs_dir: The folder of all runs.
        reporter: Who is told of each advance; nobody by default.
        workers: Processes that share every batch and the images in memory, by Ray Train; this process alone by default.
        ray_address: `HOST:PORT` of a cluster of Ray for the workers; this machine alone by default.
        changes: Settings that differ from the recipe, such as `steps=200`; those of the architecture by a
            double underscore: `model__hidden_activation="relu"`.

    Returns:
        The run; it may be interrupted or diverged, see `run.status`.

    Raises:
        UnknownRecipeError: If there is no such recipe.
        ConfigError: If a setting is unknown, or a value is out of its limits.
        RunExistsError: If the name is taken.
        UsageError: If so many workers cannot share the training.
        MissingExtraError: If workers are wanted and Ray is not installed.
        ClusterError: If the cluster cannot be reached, or has too few processors.
    """
    config = load_recipe(recipe, {key.replace("__", "."): value for key, value in changes.items()})
    return train_config(
        config, name=name, runs_dir=Path(runs_dir), reporter=reporter, workers=workers, ray_address=ray_address
    )


def train_config(
    config: Config,
    *,
    name: str | None = None,
    runs_dir: Path = runs.DEFAULT_RUNS_DIR,
    reporter: Reporter | None = None,
    workers: int | None = None,
    ray_address: str | None = None,
) -> TrainedRun:
    """Train a network by a whole configuration; see `train`."""
    with _start_workers(lambda: config, workers, ray_address, runs_dir) as carry:
        run = runs.create_run(
            config, runs_dir, name,
            versions=describe_versions(), git_commit=find_git_commit(), machine=describe_machine(),
        )  # fmt: skip
        return carry_out_run(TrainedRun(run.folder), reporter, carry=carry)


def fork(
    run: str,
    *,
    step: int | None = None,
    name: str | None = None,
    runs_dir: str | Path = runs.DEFAULT_RUNS_DIR,
    reporter: Reporter | None = None,
    **changes: Any,
) -> TrainedRun:
    """Begin as a run did, up to a step, and go on from there with other settings: `fork("tutorial", steps=4000)`.

    The steps before are replayed with the run's own settings, which on the same machine gives the same bits.

    Args:
        run: The name of a run, whatever became of it.
        step: The step at which to leave it; the last one that it reached by default.
        name: Name of the new run; `RECIPE-from-STEP`, numbered, by default.
        runs_dir: The folder of all runs.
        reporter: Who is told of each advance; nobody by default.
        changes: Settings that are to be otherwise from then on: `learning_rate`, `steps` (in all, those before the
            fork included), `batch_size`, `schedule`, `label_smoothing`, `augmentation`, and how often a checkpoint is
            written.

    Returns:
        The new run; it may be interrupted or diverged, see `run.status`.

    Raises:
        UnknownRunError: If there is no such run.
        ForkError: If the run was never at that step, the fork would have no step of its own, or a setting is to change
            that a fork cannot change.
        ConfigError: If a setting is unknown, or a value is out of its limits.
        RunExistsError: If the name is taken.
    """
    changes = {key.replace("__", "."): value for key, value in changes.items()}
    return train_fork(runs.plan_fork(open_run(run, runs_dir=runs_dir), step, changes), name=name, reporter=reporter)


def train_fork(planned: runs.Fork, *, name: str | None = None, reporter: Reporter | None = None) -> TrainedRun:
    """Make a fork and train it; see `fork`."""
    run = planned.create(
        name, versions=describe_versions(), git_commit=find_git_commit(), machine=describe_machine()
    )  # fmt: skip
    return carry_out_run(TrainedRun(run.folder), reporter)


def enqueue(
    recipe: str = "tutorial",
    *,
    name: str | None = None,
    note: str | None = None,
    runs_dir: str | Path = runs.DEFAULT_RUNS_DIR,
    **changes: Any,
) -> TrainedRun:
    """Make a run that waits until a server, or `inkproof queue work`, trains it.

    Args:
        recipe: Name of a recipe, such as `tutorial`.
        name: Name of the run; the recipe's, numbered, by default.
        note: Words about the run, up to 4,000 characters.
        runs_dir: The folder of all runs.
        changes: Settings that differ from the recipe, as for `train`.

    Raises:
        UnknownRecipeError: If there is no such recipe.
        ConfigError: If a setting is unknown, or a value is out of its limits.
        RunExistsError: If the name is taken.
        QueueFullError: If too many are waiting.
    """
    config = load_recipe(recipe, {key.replace("__", "."): value for key, value in changes.items()})
    return TrainedRun(runs.RunQueue(Path(runs_dir)).enqueue(config, name, note).folder)


def resume(
    name: str,
    *,
    runs_dir: str | Path = runs.DEFAULT_RUNS_DIR,
    reporter: Reporter | None = None,
    workers: int | None = None,
    ray_address: str | None = None,
) -> TrainedRun:
    """Go on with a run from its last checkpoint, to the same weights as if it had never stopped.

    Args:
        name: Name of the run.
        runs_dir: The folder of all runs.
        reporter: Who is told of each advance; nobody by default.
        workers: As for `train`; any number, whatever it was before, for all learn from the same batches.
        ray_address: As for `train`.

    Raises:
        UnknownRunError: If there is no such run.
        BrokenRunError: If the folder is not a whole run.
        RunBusyError: If another process is at work in it.
        NotResumableError: If it is finished or diverged.
        UsageError: If so many workers cannot share the training.
        MissingExtraError: If workers are wanted and Ray is not installed.
        ClusterError: If the cluster cannot be reached, or has too few processors.
    """
    run = open_run(name, runs_dir=runs_dir)
    _ = run.record  # a folder that is no run is left as it is
    with _start_workers(lambda: run.config, workers, ray_address, Path(runs_dir)) as carry:
        return carry_out_run(run, reporter, is_resume=True, carry=carry)


def train_queued(
    name: str, *, runs_dir: str | Path = runs.DEFAULT_RUNS_DIR, reporter: Reporter | None = None
) -> TrainedRun:
    """Train a run that waits, whatever its place. One that does not wait (any more) is left as it is.

    Raises:
        UnknownRunError: If there is no such run.
        RunBusyError: If another process is at work in it.
    """
    run = open_run(name, runs_dir=runs_dir)
    with run.hold():  # whoever takes a run out of the queue holds it too
        return carry_out_run(run, reporter) if run.record.status == "queued" else run


def open_run(name: str, *, runs_dir: str | Path = runs.DEFAULT_RUNS_DIR) -> TrainedRun:
    """The run of that name.

    Raises:
        UnknownRunError: If there is no such run.
    """
    return TrainedRun(runs.open_run(name, Path(runs_dir)).folder)


def evaluate(
    networks: str | Path | runs.Run | Sequence[str | Path | runs.Run],
    suites: str | Sequence[str] | None = None,
    *,
    runs_dir: str | Path = runs.DEFAULT_RUNS_DIR,
    progress: Callable[[str, int, int], None] | None = None,
    again: bool = False,
) -> dict[str, Any]:
    """Judge networks by the proof suites, as `inkproof evaluate` does. Loads neither Keras nor TensorFlow.

    Args:
        networks: One or several: a run, its name, or an ONNX file.
        suites: Names of suites, such as `"edges"`; all by default.
        runs_dir: The folder of all runs, for those given by name.
        progress: Called with the suite, the images done and those to do, both over all networks and suites.
        again: Measure anew what was measured before.

    Returns:
        What `inkproof evaluate --json` prints, as docs/reference/evaluation.md says: the score of the first network
        at the edges is `result["networks"][0]["suites"]["edges"]["score"]["value"]`.

    Raises:
        UnknownRunError: If there is no such run.
        NetworkFileError: If a run is not finished, a file is not a network, or it knows other classes.
        UsageError: If no network or an unknown suite is given, or runs were trained on different data sets.
        EvaluationError: If results cannot be written.
    """
    from inkproof.data import load
    from inkproof.diagnosis import evaluation, subjects
    from inkproof.diagnosis.suites import SUITES, find_suite

    given = [networks] if isinstance(networks, str | Path | runs.Run) else list(networks)
    if not given:
        raise UsageError("No network came; a run, its name or an ONNX file was expected.", field="networks")
    names = [suites] if isinstance(suites, str) else list(SUITES) if suites is None else list(dict.fromkeys(suites))
    measured = [find_suite(name) for name in names]
    opened = subjects.open_subjects(given, Path(runs_dir))
    dataset = load(subjects.find_dataset(given, Path(runs_dir)))
    result = evaluation.evaluate(opened, dataset, measured, advance=progress, again=again)
    shown = [str(each.folder if isinstance(each, runs.Run) else each) for each in given]
    return {**result, "command": f"inkproof.evaluate({shown!r}, {names!r})", "gates": []}


def compare(*names: str, runs_dir: str | Path = runs.DEFAULT_RUNS_DIR) -> Report:
    """Compare finished runs fairly: `print(inkproof.compare("softmax", "softmax-2"))`.

    Args:
        names: Two or more runs. Those that differ by nothing but their seed are one group; the group of the first is
            what the others are compared with.
        runs_dir: The folder of all runs.

    Returns:
        The comparison; `report.verdict.en` is its headline, `report.as_dict()` the whole as JSON.

    Raises:
        UnknownRunError: If there is no run of a name.
        UsageError: If fewer than two finished runs remain, or they were judged by different images.
    """
    from inkproof.diagnosis.compare import compare as carry_out

    return carry_out([runs.open_run(name, Path(runs_dir)) for name in names])


@contextlib.contextmanager
def _start_workers(
    find_config: Callable[[], Config], workers: int | None, ray_address: str | None, runs_dir: Path
) -> Iterator[Carry | None]:
    """What carries out a training by several workers; None where this process does it alone."""
    if workers is None:
        if ray_address is not None:
            raise UsageError(
                f"The cluster '{ray_address}' came without a number of workers.",
                "Say how many processes are to share the training: `--workers 2`.",
                field="workers",
            )
        yield None
        return
    from inkproof.training.parallel import check_workers, start_workers

    check_workers(find_config(), workers)
    if workers == 1 and ray_address is None:
        yield None
        return
    with start_workers(workers, ray_address, runs_dir) as carry:
        yield carry


def carry_out_run(
    run: TrainedRun, reporter: Reporter | None, *, is_resume: bool = False, carry: Carry | None = None
) -> TrainedRun:
    """Train a run whose folder is there, from its checkpoint if it has one; see `train`.

    Args:
        run: The run.
        reporter: Who is told of each advance.
        is_resume: Whether to count this as one more resume.
        carry: What trains it instead of this process.
    """
    # Held from now on, for Keras and TensorFlow take three seconds to load; whoever only opens runs does not wait.
    with run.hold():
        run.forget_stop()
        if run.record.status == "queued":
            is_resume = _begin_queued(run)
        try:
            if carry is not None:
                carry(run, reporter, is_resume)
            else:
                from inkproof.training.train import train as carry_out

                carry_out(run, reporter, is_resume=is_resume)
        finally:
            run.forget_stop()
    return run


def _begin_queued(run: TrainedRun) -> bool:
    """Take a run out of the queue. Whether it had begun before, and is resumed."""
    has_begun = run.record.data_sha256 is not None
    facts: dict[str, Any] = {}
    if not has_begun:
        facts = {
            "started_at": runs.now(),
            "versions": describe_versions(),
            "git_commit": find_git_commit(),
            "machine": describe_machine(),
        }
    run.update(status="running", **facts)
    return has_begun
