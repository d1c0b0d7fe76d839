"""What happens to runs, as server-sent events: told once to each listener, told again to who comes back."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from inkproof.config import load_recipe
from inkproof.runs import Run, RunIndex, RunQueue, Trash, create_run
from inkproof.server.app import create_app, make_state
from inkproof.server.metrics import MetricsReader
from inkproof.server.stream import MAX_LISTENERS, Event, Listener, Stream
from small_runs import make_run

_SECONDS = 10.0


@pytest.fixture
def stream(runs_dir: Path) -> Stream:
    return make_state(runs_dir, with_tensorboard=False, jobs=0).stream


async def next_event(listener: Listener) -> Event | None:
    return await asyncio.wait_for(listener.events.get(), _SECONDS)


async def wait_for(listener: Listener, kind: str, run: str | None = None) -> dict[str, Any]:
    """The data of the next event of a kind, about a run."""
    while True:
        event = await next_event(listener)
        assert event is not None
        if event.kind == kind and run in (None, event.run):
            data: dict[str, Any] = json.loads(event.data[0])
            return data


def after_the_first_look(stream: Stream, listener: Listener, change: Callable[[], Any]) -> Any:
    """Carry out a change once the stream knows what there was before it."""

    async def carry_out() -> Any:
        while stream._queue is None:
            await asyncio.sleep(0.01)
        return change()

    return carry_out()


def follow(stream: Stream, change: Callable[[], Any], kind: str, run: str | None = None) -> dict[str, Any]:
    """What one listener is told of a change."""

    async def listen() -> dict[str, Any]:
        listener = Listener()
        async with stream.listen(listener, None):
            await after_the_first_look(stream, listener, change)
            return await wait_for(listener, kind, run)

    return asyncio.run(listen())


def write_rows(run: Run, steps: range) -> None:
    with (run.folder / "metrics.jsonl").open("a") as file:
        file.write("".join(f'{{"step": {n}, "seconds": {n}.0, "loss": 0.5}}\n' for n in steps))


def test_the_first_event_says_to_load_everything(stream: Stream) -> None:
    async def listen() -> Event | None:
        listener = Listener()
        async with stream.listen(listener, None):
            return await next_event(listener)

    event = asyncio.run(listen())

    assert event is not None
    assert (event.kind, event.data) == ("reset", ("{}", "{}"))
    assert stream.num_listeners == 0


def test_a_new_run_and_the_queue_are_told(stream: Stream, runs_dir: Path) -> None:
    def enqueue() -> None:
        RunQueue(runs_dir).enqueue(load_recipe("softmax"), "new")

    assert follow(stream, enqueue, "run", "new")["status"] == "queued"
    assert follow(stream, lambda: RunQueue(runs_dir).enqueue(load_recipe("softmax"), "b"), "queue")["waiting"] == [
        "new",
        "b",
    ]


def test_a_deleted_and_a_renamed_run_are_told(stream: Stream, runs_dir: Path) -> None:
    assert follow(stream, lambda: Trash(runs_dir).put(Run(runs_dir / "first")), "removed") == {"name": "first"}
    assert follow(stream, lambda: Run(runs_dir / "second").rename("other"), "run", "other")["name"] == "other"


def test_a_note_is_told(stream: Stream, runs_dir: Path) -> None:
    assert follow(stream, lambda: Run(runs_dir / "first").write_note("look"), "run", "first")["note"] == "look"


def test_a_training_tells_its_new_measurements_alone_and_all_after_a_resume(stream: Stream, runs_dir: Path) -> None:
    run = create_run(load_recipe("softmax"), runs_dir, "live")
    write_rows(run, range(5))

    async def listen() -> list[dict[str, Any]]:
        listener, other = Listener(frozenset({"live"})), Listener(frozenset({"first"}))
        async with stream.listen(listener, None), stream.listen(other, None):
            await after_the_first_look(stream, listener, lambda: write_rows(run, range(5, 8)))
            told = [await wait_for(listener, "metrics")]
            (run.folder / "rest").write_text('{"step": 0}\n{"step": 1}\n')
            (run.folder / "rest").replace(run.folder / "metrics.jsonl")
            told.append(await wait_for(listener, "metrics"))
            told.append(await wait_for(listener, "run"))
            assert {event.kind for event in drain(other)} == {"reset", "run"}
        return told

    with run.hold():
        more, anew, view = asyncio.run(listen())

    assert (more["first_row"], more["num_rows"], more["step"]) == (5, 8, [5, 6, 7])
    assert (more["loss"], more["test_accuracy"]) == ([0.5] * 3, [None] * 3)
    assert (anew["first_row"], anew["num_rows"], anew["step"]) == (0, 2, [0, 1])
    assert (view["name"], view["status"], view["step"]) == ("live", "running", 1)


def drain(listener: Listener) -> list[Event]:
    found = []
    with contextlib.suppress(asyncio.QueueEmpty):
        while event := listener.events.get_nowait():
            found.append(event)
    return found


def test_a_training_whose_process_dies_is_told_as_interrupted(stream: Stream, runs_dir: Path) -> None:
    run = create_run(load_recipe("softmax"), runs_dir, "live")
    holding = run.hold()
    holding.__enter__()

    view = follow(stream, lambda: holding.__exit__(None, None, None), "run", "live")

    assert view["status"] == "interrupted"


def test_who_comes_back_is_told_what_was_missed_and_no_more(stream: Stream, runs_dir: Path) -> None:
    async def listen() -> list[Event]:
        first = Listener()
        async with stream.listen(first, None):
            await after_the_first_look(stream, first, lambda: make_run(runs_dir, "third"))
            await wait_for(first, "run", "third")
            known = stream.id_of(stream._events[-1])
            Run(runs_dir / "third").write_note("missed")
            await wait_for(first, "run", "third")
        again = Listener()
        async with stream.listen(again, known):
            return drain(again)

    missed = asyncio.run(listen())

    assert [(event.kind, event.run) for event in missed] == [("run", "third")]
    assert json.loads(missed[0].data[0])["note"] == "missed"


@pytest.mark.parametrize("last_id", ["", "other-3", "nonsense", "-", "x-\N{SUPERSCRIPT TWO}"], ids=repr)
def test_an_id_of_another_server_means_to_load_everything(stream: Stream, last_id: str) -> None:
    async def listen() -> list[Event]:
        listener = Listener()
        async with stream.listen(listener, last_id):
            return drain(listener)

    assert [event.kind for event in asyncio.run(listen())] == ["reset"]


@pytest.mark.parametrize(("number", "told"), [(1, []), (2, ["reset"]), (10**80, ["reset"])], ids=str)
def test_an_id_that_was_never_given_means_to_load_everything(stream: Stream, number: int, told: list[str]) -> None:
    stream._tell("queue", ("{}", "{}"), None)

    async def listen() -> list[Event]:
        listener = Listener()
        async with stream.listen(listener, stream.id_of(Event("queue", ("{}", "{}"), None, number))):
            return drain(listener)

    assert [event.kind for event in asyncio.run(listen())] == told


def test_who_does_not_keep_up_is_let_go(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    async def listen() -> list[Event | None]:
        slow = Listener(events=asyncio.Queue(2))
        async with stream.listen(slow, None):
            for _ in range(3):
                stream._tell("queue", ("{}", "{}"), None)
            assert stream.num_listeners == 0
            return [slow.events.get_nowait() for _ in range(slow.events.qsize())]

    assert asyncio.run(listen()) == [None]  # of what it did not read nothing is kept


def test_an_unforeseen_error_lets_everybody_go_rather_than_listen_to_silence(runs_dir: Path) -> None:
    def fail(*_: object) -> Any:
        raise ZeroDivisionError

    stream = Stream(RunIndex(runs_dir), MetricsReader(), fail, fail)

    async def listen() -> list[Event | None]:
        listener = Listener()
        async with stream.listen(listener, None):
            return [await next_event(listener), await next_event(listener)]

    reset, end = asyncio.run(listen())

    assert (reset is not None and reset.kind, end, stream.num_listeners) == ("reset", None, 0)


def test_who_goes_away_while_events_are_on_their_way_leaves_nothing_behind(runs_dir: Path) -> None:
    state = make_state(runs_dir, with_tensorboard=False, jobs=0)
    app = create_app(state)
    scope = {
        **{"type": "http", "method": "GET", "path": "/api/events", "query_string": b""},
        "headers": [(b"host", b"localhost")],
    }

    async def listen() -> int:
        told, told_nothing = asyncio.Event(), asyncio.Event()
        requests = iter([{"type": "http.request", "body": b""}])

        async def receive() -> dict[str, Any]:
            if (request := next(requests, None)) is not None:
                return request
            await told.wait()
            for _ in range(100):  # until whoever passes events on has filled what lies between
                await asyncio.sleep(0)
            return {"type": "http.disconnect"}

        async def send(message: MutableMapping[str, Any]) -> None:
            if message.get("body"):  # the first event: the listener reads no more
                for _ in range(10):
                    state.stream._tell("queue", ("{}", "{}"), None)
                told.set()
                await told_nothing.wait()

        await app(scope, receive, send)
        return state.stream.num_listeners

    assert asyncio.run(listen()) == 0


def test_who_comes_when_too_many_listen_is_told(runs_dir: Path) -> None:
    state = make_state(runs_dir, with_tensorboard=False, jobs=0)
    state.stream._listeners |= {Listener() for _ in range(MAX_LISTENERS)}

    response = TestClient(create_app(state), base_url="http://localhost").get("/api/events")

    assert response.status_code == 503
    assert response.json()["error"]["message"] == (
        "200 others listen already, which is the most; close a page somewhere."
    )


def test_closing_lets_everybody_go(stream: Stream) -> None:
    async def listen() -> Event | None:
        listener = Listener()
        async with stream.listen(listener, None):
            assert (await next_event(listener)) is not None
            stream.close()
            return await next_event(listener)

    assert asyncio.run(listen()) is None
    stream.close()  # the loop has ended


def test_local_askers_alone_are_told_where_tensorboard_is(runs_dir: Path) -> None:
    state = make_state(runs_dir, with_tensorboard=False, jobs=0)
    state.tensorboard._url = "http://127.0.0.1:6006/"
    assert state.stream._look() == []
    make_run(runs_dir, "new")

    ((_, (here, there), _),) = [found for found in state.stream._look() if found[0] == "run"]

    assert json.loads(here)["tensorboard_url"].startswith("http://127.0.0.1:6006/?runFilter=")
    assert json.loads(there)["tensorboard_url"] is None
