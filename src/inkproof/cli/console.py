"""What all commands print with: the two streams, and errors in the one form that they have."""

from __future__ import annotations

import os

from rich.console import Console, ConsoleDimensions
from rich.text import Text

from inkproof.errors import InkproofError

_WIDTH_OF_A_PIPE = 400


class _Console(Console):
    """Rich's console, but that what goes into a pipe or a file is not cut to a terminal's width."""

    @property  # type: ignore[misc] # nobody sets it
    def size(self) -> ConsoleDimensions:
        """Columns and lines."""
        if self.is_terminal or "COLUMNS" in os.environ:
            return super().size
        return ConsoleDimensions(_WIDTH_OF_A_PIPE, super().size.height)


# Numbers stay as they are: a colour that Rich guesses carries no information.
out = _Console(highlight=False)
err = _Console(stderr=True, highlight=False)


def print_error(error: InkproofError) -> None:
    """Print an error and its hint to stderr.

    The text is printed as it is: brackets in a file's name are no markup, and no path is torn at the
    end of a line.

    Args:
        error: The error; the exit status that belongs to it is `error.exit_status`.
    """
    err.print(Text.assemble(("error:", "bold red"), f" {error.message}"), soft_wrap=True)
    if error.hint:
        err.print(Text.assemble(("  tip:", "bold"), f" {error.hint}"), soft_wrap=True)
