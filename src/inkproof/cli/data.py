"""`inkproof data`: what a data set holds. Only asks and prints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inkproof.cli.console import out
from inkproof.cli.options import Json

if TYPE_CHECKING:
    from inkproof.data import Dataset


def data(
    name: Annotated[str, typer.Argument(help="The data set.", show_default=True)] = "mnist",
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw a labelled sample sheet into this .png, .pdf or .svg.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what a data set holds.

    Counts, classes, checksum and licence.
    """
    from inkproof.data import draw_sample_sheet, load

    dataset = load(name)
    if picture is not None:
        draw_sample_sheet(dataset, picture)
    if as_json:
        typer.echo(json.dumps(_as_dict(dataset, picture), ensure_ascii=False, indent=2))
        return
    _print_tables(dataset)
    if picture is not None:
        out.print(f"\nA sample sheet is in {picture}.", markup=False, soft_wrap=True)


def _as_dict(dataset: Dataset, picture: Path | None) -> dict[str, object]:
    return {
        "name": dataset.name,
        "title": dataset.title,
        "image_shape": list(dataset.image_shape),
        "classes": list(dataset.classes),
        "num_train": len(dataset.train),
        "num_test": len(dataset.test),
        "num_train_by_class": dataset.count_labels(dataset.train),
        "num_test_by_class": dataset.count_labels(dataset.test),
        "sha256": dataset.sha256,
        "notice": dataset.notice,
        "picture": None if picture is None else str(picture),
    }


def _print_tables(dataset: Dataset) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    counts = Table(box=SIMPLE_HEAD, title=Text(dataset.title, style="bold"), title_justify="left", show_footer=True)
    counts.add_column("class", "all")
    counts.add_column("training", f"{len(dataset.train):,}", justify="right")
    counts.add_column("test", f"{len(dataset.test):,}", justify="right")
    by_class = zip(dataset.count_labels(dataset.train), dataset.count_labels(dataset.test), strict=True)
    for class_name, (num_train, num_test) in zip(dataset.classes, by_class, strict=True):
        counts.add_row(Text(class_name), f"{num_train:,}", f"{num_test:,}")
    out.print(counts)

    height, width, channels = dataset.image_shape
    facts = Table.grid(padding=(0, 2))
    facts.add_row(" images", f"{height} × {width} pixels, {channels} channel{'s' if channels > 1 else ''}, uint8")
    facts.add_row(" SHA-256", Text(dataset.sha256, overflow="fold"))
    facts.add_row(" notice", Text(dataset.notice))
    out.print(facts)
