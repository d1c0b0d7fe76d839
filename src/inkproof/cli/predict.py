"""`inkproof predict`: what a network says to image files. Only asks and prints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from inkproof.cli.console import out, print_error
from inkproof.cli.options import Json, RunsDir
from inkproof.errors import InkproofError
from inkproof.runs import DEFAULT_RUNS_DIR

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from inkproof.ink import ReadImage
    from inkproof.networks import Network

_MAX_BARS = 12  # classes shown for one image; of more, the likeliest ten
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def predict(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run's name, or an .onnx file.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Images: PNG, JPEG, GIF, BMP or WebP.")],
    runs_dir: RunsDir = DEFAULT_RUNS_DIR,
    centre: Annotated[
        bool, typer.Option("--centre", help="Place the ink as MNIST does: in a 20×20 box, balanced around the middle.")
    ] = False,
    polarity: Annotated[
        Literal["auto", "dark-on-light", "light-on-dark"],
        typer.Option(help="What is ink; found in the picture by auto."),
    ] = "auto",
    as_json: Json = False,
) -> None:
    """Answer for image files, with bars.

    A file that cannot be read is told, the others are still answered, and the exit status is then 1.
    """
    from inkproof.ink import read_image
    from inkproof.networks import Network, find_network

    network = Network.load(find_network(run, runs_dir))
    answers: list[dict[str, Any]] = []
    has_failed = False
    for file in files:
        try:
            image = read_image(file, network.image_shape, polarity=polarity, centre=centre)
        except InkproofError as error:
            has_failed = True
            answers.append({"file": str(file), "error": error.as_dict()})
            print_error(error)
            continue
        probabilities = network.predict(image.array[None])[0]
        answers.append(_as_dict(file, image, network, probabilities))
        if not as_json:
            _print_bars(file, image, network, probabilities)
    if as_json:
        report = {"network": str(network.path), "answers": answers}
        typer.echo(json.dumps(report, ensure_ascii=False, indent=2))
    if has_failed:
        raise typer.Exit(1)


def _as_dict(file: Path, image: ReadImage, network: Network, probabilities: NDArray[np.float32]) -> dict[str, Any]:
    return {
        "file": str(file),
        "prediction": network.classes[int(probabilities.argmax())],
        "polarity": image.polarity,
        "polarity_detected": image.polarity_detected,
        # a list and not an object: names of classes need not differ
        "probabilities": [
            {"class": name, "probability": round(float(probability), 6)}
            for name, probability in zip(network.classes, probabilities, strict=True)
        ],
    }


def _print_bars(file: Path, image: ReadImage, network: Network, probabilities: NDArray[np.float32]) -> None:
    from rich.text import Text

    best = int(probabilities.argmax())
    how = (
        "" if image.polarity is None else f"   {image.polarity}, {'detected' if image.polarity_detected else 'as told'}"
    )
    head = Text.assemble((str(file), "bold"), " → ", (network.classes[best], "bold green"), (how, "dim"))
    out.print(head, soft_wrap=True)

    shown = list(range(len(probabilities)))
    if len(shown) > _MAX_BARS:
        shown = [int(index) for index in (-probabilities).argsort(kind="stable")[:10]]
    name_width = max(len(network.classes[index]) for index in shown)
    bar_width = max(10, min(out.width, 80) - name_width - 12)
    for index in shown:
        style = "green" if index == best else "default"
        bar = _bar(float(probabilities[index]), bar_width)
        per_cent = f"{probabilities[index]:7.1%}".replace("%", " %")
        line = Text.assemble(f"  {network.classes[index]:>{name_width}} ", (bar, style), per_cent)
        out.print(line, soft_wrap=True)
    if len(shown) < len(probabilities):
        rest = max(0.0, 1 - float(probabilities[shown].sum()))
        out.print(f"  and {len(probabilities) - len(shown)} more, together {rest:.1%}".replace("%", " %"), style="dim")
    out.print()


def _bar(fraction: float, width: int) -> str:
    """A bar of `width` characters, in eighths of a character where the terminal can show them."""
    if not out.encoding.lower().startswith("utf"):
        return ("#" * round(fraction * width)).ljust(width)
    num_eighths = round(fraction * width * 8)
    full, rest = divmod(num_eighths, 8)
    return ("█" * full + _EIGHTHS[rest].strip()).ljust(width)
