"""What all commands print with: the two streams, and errors in the one form that they have."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from inkproof.errors import InkproofError

# Numbers stay as they are: a colour that Rich guesses carries no information.
out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


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
