"""Which run was forked from which, in a listing: forks stand below the run that they begin as."""

from __future__ import annotations

from collections.abc import Sequence

from inkproof.runs.listing import Listed


def arrange_families(listed: Sequence[Listed]) -> list[tuple[Listed, int]]:
    """A listing with each fork behind its parent, and how many generations it is from the first of its family.

    Parents are in the order of the listing, and so are the forks of one parent. A fork whose parent is not listed
    stands by itself.

    Args:
        listed: Runs in any order.
    """
    children: dict[str | None, list[Listed]] = {}
    for entry in listed:
        children.setdefault(_find_parent(entry, listed), []).append(entry)
    arranged: list[tuple[Listed, int]] = []

    def add(parent: str | None, generation: int) -> None:
        for entry in children.get(parent, []):
            arranged.append((entry, generation))
            add(entry.run.name, generation + 1)

    add(None, 0)
    return arranged


def _find_parent(entry: Listed, listed: Sequence[Listed]) -> str | None:
    """The name that a fork's parent has now; None if it is no fork, or the parent is not listed."""
    parent = entry.record.parent if entry.record else None
    if parent is None or entry.record is None:
        return None
    # A parent began before its fork, so nobody can be their own ancestor, whatever a file says.
    if parent.started_at >= entry.record.started_at:
        return None
    same = [other.run.name for other in listed if other.record and other.record.started_at == parent.started_at]
    # Of copies of one run, that which has the name.
    return parent.name if parent.name in same else next(iter(same), None)
