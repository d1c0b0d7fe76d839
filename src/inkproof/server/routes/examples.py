"""Test images of data sets, to be laid on the pad."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from inkproof.server.answering import encode
from inkproof.server.schemas import Example
from inkproof.server.state import State

router = APIRouter(tags=["examples"])


@router.get("/examples/{dataset}")
def get_example(
    dataset: Annotated[str, Path(max_length=80, description="Name of a data set, such as `mnist`.")],
    state: State,
    label: Annotated[int | None, Query(ge=0, le=10**6, description="Index of a class; any class if left out.")] = None,
    after: Annotated[int, Query(ge=-1, le=10**9, description="The next image behind this index, or the first.")] = -1,
) -> Example:
    """Give the next test image of a class, from the start again after the last."""
    test_set = state.test_sets.get(dataset)
    index = test_set.next_index(label, after)
    height, width, channels = test_set.image_shape
    found = int(test_set.labels[index])
    return Example(
        index=index,
        label=found,
        class_name=test_set.classes[found],
        height=height,
        width=width,
        channels=channels,
        pixels=encode(test_set.images[index]),
    )
