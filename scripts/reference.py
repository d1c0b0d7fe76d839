"""Make docs/reference/settings.md and commands.md anew, from the settings and the commands themselves.

python scripts/reference.py            write them
python scripts/reference.py --check    exit with 1 if they are stale
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from typer.main import get_command
from typer.testing import CliRunner

from inkproof.cli.describe import describe_setting
from inkproof.cli.main import app
from inkproof.config import load_recipe, recipe_names, recipe_sentence

FOLDER = Path(__file__).parent.parent / "docs" / "reference"


def settings_page() -> str:
    lines = ["# Settings", "", "Made from `src/inkproof/config.py` by `scripts/reference.py`.", ""]
    for recipe in recipe_names():
        lines += [
            f"## `{recipe}`",
            "",
            recipe_sentence(recipe),
            "",
            "| setting | value | limits | what it is |",
            "|---|---|---|---|",
        ]
        config = load_recipe(recipe)
        for name, value in config.as_flat_dict().items():
            if name != "recipe":
                fact = describe_setting(name, value, config.model.name)
                lines.append(f"| `{name}` | {value} | {fact['limits']} | {fact['help']} |")
        lines.append("")
    return "\n".join(lines)


def commands_page() -> str:
    lines = ["# Commands", "", "What `inkproof COMMAND --help` prints. Made by `scripts/reference.py`.", ""]
    for words in _commands():
        shown = CliRunner().invoke(
            app, [*words, "--help"], prog_name="inkproof", env={"COLUMNS": "100", "TERMINAL_WIDTH": "100"}
        )
        text = "\n".join(line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", shown.output).strip("\n").splitlines())
        lines += [f"## `inkproof {' '.join(words)}`", "", "```text", text, "```", ""]
    return "\n".join(lines)


def _commands() -> list[list[str]]:
    found = []
    for name, command in get_command(app).commands.items():
        found.append([name])
        found += [[name, inner] for inner in getattr(command, "commands", {})]
    return found


def main() -> None:
    stale = []
    for name, text in (("settings.md", settings_page()), ("commands.md", commands_page())):
        path = FOLDER / name
        if not path.exists() or path.read_text("utf-8") != text:
            stale.append(str(path))
            if "--check" not in sys.argv:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, "utf-8")
    if stale and "--check" in sys.argv:
        sys.exit(f"error: stale: {', '.join(stale)}\n  tip: python scripts/reference.py")


if __name__ == "__main__":
    main()
