"""From a request's inputs to networks' answers. Knows arrays and schemas, no HTTP."""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inkproof.diagnosis.edge_map import CHUNK, EdgeMap, Offsets, find_offsets, map_edges
from inkproof.errors import BlankImageError, ImageFileError, ImageShapeError, InkproofError
from inkproof.ink.centre import centre_as_mnist
from inkproof.ink.files import read_image_bytes
from inkproof.ink.raster import bounds, rasterise, rasterise_pad
from inkproof.ink.strokes import Drawing
from inkproof.networks import Network
from inkproof.server import schemas
from inkproof.server.networks import step_of

if TYPE_CHECKING:
    from inkproof.server.state import ServerState

Shape = tuple[int, int, int]
Image = NDArray[np.uint8]
# Gives an input's picture for a view and a shape; InkproofError where there can be none.
Draw = Callable[[schemas.View, Shape], Image]


@dataclass(frozen=True)
class _Chosen:
    """A network that was asked for: itself, or why it cannot answer."""

    choice: schemas.NetworkChoice
    network: Network | None
    error: InkproofError | None = None


def predict(state: ServerState, request: schemas.PredictRequest) -> schemas.PredictResponse:
    """Answer for all inputs by all networks.

    Raises:
        ImageFileError: If one of `pngs` is not an image; its field says which.
        ImageShapeError: If one of `images` is not an image.
    """
    began = time.perf_counter()
    chosen = _load_all(state, request.networks)
    draws = _inputs(request)
    views = list(dict.fromkeys(request.views))
    shapes = list(dict.fromkeys(one.network.image_shape for one in chosen if one.network is not None))
    pictures = {
        (number, view, shape): _try(draw, view, shape)
        for number, draw in enumerate(draws)
        for view in views
        for shape in shapes
    }
    answers: list[list[Any]] = [[] for _ in draws]
    for one in chosen:
        for view in views:
            for number, answer in _answer(one, view, len(draws), pictures):
                answers[number].append(answer)
    inputs = [
        schemas.InputAnswers.model_construct(
            views=[
                _as_seen(view, picture)
                for (of, view, _), picture in pictures.items()
                if of == number and isinstance(picture, np.ndarray)
            ],
            answers=answers[number],
        )
        for number in range(len(draws))
    ]
    return schemas.PredictResponse.model_construct(inputs=inputs, milliseconds=_since(began))


def map_drawing(state: ServerState, request: schemas.EdgeMapRequest) -> schemas.EdgeMapResponse:
    """Answer for a drawing at every place, by all networks."""
    began = time.perf_counter()
    prepared: dict[Shape, Offsets | InkproofError | None] = {}
    moved = {}
    maps: list[schemas.EdgeMap | schemas.FailedMap] = []
    for one in _load_all(state, request.networks):
        network = one.network
        if network is None:
            maps.append(_failed_map(one, one.error))
            continue
        shape = network.image_shape
        if shape not in prepared:
            prepared[shape], moved[shape] = _prepare(request.drawing, request.view, shape)
        offsets = prepared[shape]
        if isinstance(offsets, InkproofError):
            maps.append(_failed_map(one, offsets))
            continue
        try:
            result = None if offsets is None else map_edges(offsets, network.predict, run_all=state.run_all)
        except InkproofError as error:
            maps.append(_failed_map(one, error))
            continue
        maps.append(_as_map(one, network, result, moved[shape]))
    return schemas.EdgeMapResponse.model_construct(maps=maps, milliseconds=_since(began))


def encode(image: Image) -> str:
    """Pixels as Base64 of their bytes in rows."""
    return base64.b64encode(np.ascontiguousarray(image).tobytes()).decode("ascii")


# ── inputs ─────────────────────────────────────────────────────────────────────────────────────────


def _inputs(request: schemas.PredictRequest) -> list[Draw]:
    if request.drawings is not None:
        return [_drawer(drawing) for drawing in request.drawings]
    if request.images is not None:
        return [_array_reader(_as_pixels(image, f"images[{n}]")) for n, image in enumerate(request.images)]
    return [_file_reader(text, f"pngs[{n}]") for n, text in enumerate(request.pngs or [])]


def _drawer(drawing: Drawing) -> Draw:
    return lambda view, shape: draw(drawing, view, shape)


def draw(drawing: Drawing, view: schemas.View, shape: Shape) -> Image:
    """A drawing as a network of that shape sees it.

    Raises:
        ImageShapeError: If a picture in colour is to be centred.
    """
    if view == "drawn":
        return rasterise(drawing, shape)
    pad = rasterise_pad(drawing)
    if pad.ndim == 3 and shape[2] != 1:
        raise ImageShapeError("A colour image cannot be centred by its ink, for it has none.", "Ask for `drawn`.")
    if pad.ndim == 3:
        pad = pad.mean(axis=2)
    ink = np.rint(pad * 255).astype(np.uint8)
    centred = centre_as_mnist(ink[np.newaxis], frame=shape[:2])[0]  # (height, width)
    return np.repeat(centred[:, :, np.newaxis], shape[2], axis=2)


def _as_pixels(nested: Any, field: str) -> Image:
    try:
        array = np.array(nested)
    except (ValueError, OverflowError) as error:
        raise ImageShapeError(f"{field} is no image: its rows differ in length.", field=field) from error
    if array.dtype.kind not in "iu" or array.ndim not in (2, 3) or array.size == 0:
        raise ImageShapeError(
            f"{field} has the shape {array.shape} and holds {array.dtype}; "
            "[height][width] or [height][width][channels] of whole numbers was expected.",
            field=field,
        )
    if array.min() < 0 or array.max() > 255:
        raise ImageShapeError(
            f"{field} holds numbers from {array.min()} to {array.max()}; 0 (paper) to 255 (ink) was expected.",
            field=field,
        )
    pixels: Image = array.astype(np.uint8)
    return pixels if pixels.ndim == 3 else pixels[:, :, np.newaxis]


def _array_reader(pixels: Image) -> Draw:
    def read(view: schemas.View, shape: Shape) -> Image:
        if pixels.shape != shape:
            raise ImageShapeError(
                f"An image of shape {pixels.shape} came; {shape} was expected (height, width, channels).",
                field="images",
            )
        return pixels if view == "drawn" else centre_as_mnist(pixels[np.newaxis])[0]

    return read


def _file_reader(text: str, field: str) -> Draw:
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ImageFileError(f"{field} is not Base64: {error}.", field=field) from error

    def read(view: schemas.View, shape: Shape) -> Image:
        try:
            return read_image_bytes(content, shape, name=field, centre=view == "centred").array
        except ImageFileError as error:
            error.field = field
            raise

    return read


def _try(draw: Draw, view: schemas.View, shape: Shape) -> Image | InkproofError:
    try:
        return draw(view, shape)
    except BlankImageError:
        return np.zeros(shape, dtype=np.uint8)
    except ImageFileError:  # it would fail for every network: the request is at fault
        raise
    except InkproofError as error:
        return error


# ── answers ────────────────────────────────────────────────────────────────────────────────────────


def _load_all(state: ServerState, choices: list[schemas.NetworkChoice]) -> list[_Chosen]:
    chosen = []
    for choice in choices:
        try:
            chosen.append(_Chosen(choice, state.load(choice)))
        except InkproofError as error:
            chosen.append(_Chosen(choice, None, error))
    return chosen


def _answer(
    one: _Chosen, view: schemas.View, num_inputs: int, pictures: dict[Any, Image | InkproofError]
) -> list[tuple[int, schemas.Answer | schemas.FailedAnswer]]:
    """Answers of one network to one view of all inputs, each with the number of its input; blank ones have none."""
    network = one.network
    if network is None:
        return [(number, _failed(one, view, one.error)) for number in range(num_inputs)]
    of_view = [pictures[number, view, network.image_shape] for number in range(num_inputs)]
    answers: list[tuple[int, schemas.Answer | schemas.FailedAnswer]] = [
        (number, _failed(one, view, picture))
        for number, picture in enumerate(of_view)
        if isinstance(picture, InkproofError)
    ]
    inked = [(n, picture) for n, picture in enumerate(of_view) if isinstance(picture, np.ndarray) and picture.any()]
    for begin in range(0, len(inked), CHUNK):
        numbers, images = zip(*inked[begin : begin + CHUNK], strict=True)
        try:
            probabilities = network.predict(np.stack(images))
        except InkproofError as error:
            answers += [(number, _failed(one, view, error)) for number in numbers]
            continue
        answers += [
            (
                number,
                schemas.Answer.model_construct(
                    run=one.choice.run,
                    step=step_of(network),
                    view=view,
                    probabilities=_rounded(row).tolist(),
                    best=int(row.argmax()),
                ),
            )
            for number, row in zip(numbers, probabilities, strict=True)
        ]
    return answers


def _as_seen(view: schemas.View, picture: Image) -> schemas.SeenImage:
    height, width, channels = picture.shape
    return schemas.SeenImage.model_construct(
        view=view, height=height, width=width, channels=channels, pixels=encode(picture), is_blank=not picture.any()
    )


def _failed(one: _Chosen, view: schemas.View, error: InkproofError | None) -> schemas.FailedAnswer:
    assert error is not None
    body = schemas.ErrorBody.model_validate(error.as_dict())
    return schemas.FailedAnswer(run=one.choice.run, step=one.choice.step, view=view, error=body)


def _rounded(probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    """To six places, which halves the message; a network that ran away gives zeros, for JSON has no NaN."""
    rounded: NDArray[np.float64] = np.nan_to_num(probabilities.astype(np.float64)).round(6)
    return rounded


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 3)


# ── edge maps ──────────────────────────────────────────────────────────────────────────────────────


def _prepare(
    drawing: Drawing, view: schemas.View, shape: Shape
) -> tuple[Offsets | InkproofError | None, tuple[int, int]]:
    """All places of a drawing, and by how many pixels it was moved into the frame first so that none of it is cut."""
    moved = (0, 0)
    if view == "drawn":
        drawing, moved, fits = _move_inside(drawing, shape)
        if not fits:
            return ImageShapeError("The ink is larger than the frame: there is no place at which it fits uncut."), moved
    try:
        return find_offsets(draw(drawing, view, shape)), moved
    except InkproofError as error:
        return error, moved


def _move_inside(drawing: Drawing, shape: Shape) -> tuple[Drawing, tuple[int, int], bool]:
    """The drawing moved by whole pixels of the network until all of its ink is on the pad, if it can be."""
    box = bounds(drawing)
    if box is None:
        return drawing, (0, 0), True
    moves = []
    for low, high, num_pixels in ((box[0], box[2], shape[1]), (box[1], box[3], shape[0])):
        pixel = drawing.size / num_pixels
        move = (
            int(np.ceil(-low / pixel))
            if low < 0
            else -int(np.ceil((high - drawing.size) / pixel))
            if high > drawing.size
            else 0
        )
        if low + move * pixel < -1e-6 or high + move * pixel > drawing.size + 1e-6:
            return drawing, (0, 0), False
        moves.append(move)
    right, down = moves
    if right or down:
        drawing = drawing.moved(right * drawing.size / shape[1], down * drawing.size / shape[0])
    return drawing, (right, down), True


def _as_map(one: _Chosen, network: Network, result: EdgeMap | None, moved: tuple[int, int]) -> schemas.EdgeMap:
    facts: dict[str, Any] = {"run": one.choice.run, "step": step_of(network)}
    if result is None:
        return schemas.EdgeMap(**facts, centre_class=None, dx=[], dy=[], probabilities=[], best=[], blank=True)
    return schemas.EdgeMap.model_construct(
        **facts,
        centre_class=result.centre_class,
        dx=(result.offsets.dx + moved[0]).tolist(),
        dy=(result.offsets.dy + moved[1]).tolist(),
        probabilities=_rounded(result.of_centre_class).tolist(),
        best=result.best.tolist(),
        blank=False,
    )


def _failed_map(one: _Chosen, error: InkproofError | None) -> schemas.FailedMap:
    assert error is not None
    body = schemas.ErrorBody.model_validate(error.as_dict())
    return schemas.FailedMap(run=one.choice.run, step=one.choice.step, error=body)
