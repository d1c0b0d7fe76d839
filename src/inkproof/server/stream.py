"""What happens in the folder of runs, told to whoever listens: one look for all listeners, each event encoded once."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel

from inkproof.errors import InkproofError
from inkproof.runs import Listed, RunIndex
from inkproof.server.metrics import MetricsReader
from inkproof.server.training_schemas import QueueView, RunRemoved, StreamReset

MAX_LISTENERS = 200  # a class of thirty with some tabs each; systems let a process have 1,024 files open
_LOOK_SECONDS = 0.5
_KEPT_EVENTS = 2_000  # a minute or more of a busy folder, for those who come back
_MAX_BEHIND = 2 * _KEPT_EVENTS
# Kind, data for askers on this machine and for others, the run.
_Found = tuple[str, tuple[str, str], str | None]


@dataclass(frozen=True)
class Event:
    """One event, as it goes to everybody.

    Args:
        kind: `reset`, `run`, `removed`, `metrics` or `queue`.
        data: Its data as JSON: for askers on this machine, and for others (TensorBoard's address is for the former).
        run: The run that it is about, if any.
        number: Its place among all events of this server.
    """

    kind: str
    data: tuple[str, str]
    run: str | None
    number: int


@dataclass(eq=False)
class Listener:
    """Somebody who listens.

    Args:
        runs: The runs whose measurements are wanted; empty for all.
    """

    runs: frozenset[str] = frozenset()
    events: asyncio.Queue[Event | None] = field(default_factory=lambda: asyncio.Queue(_MAX_BEHIND))

    def offer(self, event: Event) -> bool:
        """Whether the listener still keeps up."""
        if event.kind == "metrics" and self.runs and event.run not in self.runs:
            return True
        try:
            self.events.put_nowait(event)
        except asyncio.QueueFull:
            return False
        return True


@dataclass
class _Seen:
    """What was last told of a run."""

    listed: Listed
    num_rows: int = 0
    generation: int = 0


class Stream:
    """The events of a folder of runs. Everything but `_look` happens in the server's loop.

    Args:
        index: The runs.
        metrics: Their measurements.
        view: Makes the API's view of a run, for a local asker or for another.
        view_queue: Makes the API's view of the queue.
    """

    def __init__(
        self,
        index: RunIndex,
        metrics: MetricsReader,
        view: Callable[[Listed, bool], BaseModel],
        view_queue: Callable[[Sequence[Listed]], QueueView],
    ) -> None:
        self._index, self._metrics, self._view, self._view_queue = index, metrics, view, view_queue
        self._listeners: set[Listener] = set()
        self._events: deque[Event] = deque(maxlen=_KEPT_EVENTS)
        self._last_number = 0
        self._boot = secrets.token_hex(4)  # numbers of another server mean nothing here
        self._seen: dict[str, _Seen] = {}
        self._queue: QueueView | None = None
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def num_listeners(self) -> int:
        """How many listen now."""
        return len(self._listeners)

    def id_of(self, event: Event) -> str:
        """What a browser gives back when it comes again."""
        return f"{self._boot}-{event.number}"

    @contextlib.asynccontextmanager
    async def listen(self, listener: Listener, last_id: str | None) -> AsyncIterator[None]:
        """Let somebody listen: what was missed since `last_id` first, or `reset` if that is not known any more."""
        missed = self._missed_since(last_id)
        if missed is None:
            listener.offer(self._make("reset", StreamReset()))
        for event in missed or ():
            listener.offer(event)
        self._listeners.add(listener)
        if self._task is None or self._task.done():
            self._loop = asyncio.get_running_loop()
            self._task = self._loop.create_task(self._watch())
        try:
            yield
        finally:
            self._listeners.discard(listener)

    def close(self) -> None:
        """Let all listeners go. May be called from anywhere, a signal's handler too."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it has ended
                self._loop.call_soon_threadsafe(self._let_all_go)

    def _let_all_go(self) -> None:
        for listener in list(self._listeners):
            self._let_go(listener)

    def _let_go(self, listener: Listener) -> None:
        self._listeners.discard(listener)
        # What was not told yet is told to who comes back; kept here, it would be kept for all who do not.
        while not listener.events.empty():
            listener.events.get_nowait()
        listener.events.put_nowait(None)

    def _missed_since(self, last_id: str | None) -> list[Event] | None:
        boot, _, number = (last_id or "").partition("-")
        if boot != self._boot or not number.isascii() or not number.isdigit():
            return None
        is_kept = self._events and self._events[0].number <= int(number) + 1 <= self._last_number + 1
        return [event for event in self._events if event.number > int(number)] if is_kept else None

    async def _watch(self) -> None:
        """Look again and again while anybody listens."""
        try:
            while self._listeners:
                with contextlib.suppress(InkproofError, OSError):  # who asks for the runs is told
                    for kind, data, run in await asyncio.to_thread(self._look):
                        self._tell(kind, data, run)
                await asyncio.sleep(_LOOK_SECONDS)
        finally:
            # After an error that nobody foresaw, nobody is left listening to silence: they come back.
            self._let_all_go()

    def _tell(self, kind: str, data: tuple[str, str], run: str | None) -> None:
        event = Event(kind, data, run, self._next_number())
        self._events.append(event)
        for listener in [one for one in self._listeners if not one.offer(event)]:
            # It comes back with its last id, or finds that it must begin anew.
            self._let_go(listener)

    def _make(self, kind: str, message: BaseModel) -> Event:
        text = message.model_dump_json()
        return Event(kind, (text, text), None, self._next_number())

    def _next_number(self) -> int:
        self._last_number += 1
        return self._last_number

    def _look(self) -> list[_Found]:
        """What changed since the last look. The first finds nothing: who listens was just told to load all."""
        is_first = self._queue is None
        found: list[_Found] = []
        everything = self._index.list()
        listed = {entry.run.name: entry for entry in everything}
        for name in self._seen.keys() - listed.keys():
            del self._seen[name]
            found.append(("removed", _both(RunRemoved(name=name)), name))
        for name, entry in listed.items():
            if is_first and entry.status != "running":
                self._seen[name] = _Seen(entry)
            else:
                found += self._look_at(name, entry)
        queue = self._view_queue(everything)
        if queue != self._queue:
            self._queue = queue
            found.append(("queue", _both(queue), None))
        return [] if is_first else found

    def _look_at(self, name: str, entry: Listed) -> list[_Found]:
        seen = self._seen.get(name)
        has_changed = seen is None or seen.listed is not entry
        if not has_changed and entry.status != "running":
            return []
        seen = self._seen.setdefault(name, _Seen(entry))
        seen.listed = entry
        found: list[_Found] = []
        rows, generation = self._metrics.read(entry.run, seen.num_rows, seen.generation)
        if rows.step or generation != seen.generation:
            seen.num_rows, seen.generation = rows.num_rows, generation
            found.append(("metrics", _both(rows), name))
        if has_changed or found:
            views = self._view(entry, True).model_dump_json(), self._view(entry, False).model_dump_json()
            found.append(("run", views, name))
        return found


def _both(message: BaseModel) -> tuple[str, str]:
    text = message.model_dump_json()
    return text, text
