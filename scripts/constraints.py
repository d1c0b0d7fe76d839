"""Make constraints.txt anew: exact versions that install together, for each supported Python.

python scripts/constraints.py

Asks pip what it would install, once a Python version, from wheels alone. Names and versions are all that is kept.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import tomllib

ROOT = Path(__file__).parent.parent
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
HEAD = """\
# Exact versions that were tested together: names and versions only.
# `pip install -c constraints.txt …`; made anew by scripts/constraints.py.
"""
# A resolver that runs on a newer Python does not see what only 3.10 asks for, nor other systems' TensorFlow.
BY_HAND = {"exceptiongroup": "1.3.1", "tomli": "2.5.0"}


def resolve(python: str, requirements: list[str]) -> dict[str, str]:
    """Name and version of everything that pip would install for one Python version."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = ["install", "--quiet", "--dry-run", "--ignore-installed", "--only-binary=:all:"]
        target = ["--python-version", python, "--target", folder, "--report", str(report)]
        subprocess.run([sys.executable, "-m", "pip", *command, *target, *requirements], check=True)
        installed = json.loads(report.read_text("utf-8"))["install"]
    return {item["metadata"]["name"].lower().replace("_", "-"): item["metadata"]["version"] for item in installed}


def main() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    requirements = [
        *project["dependencies"],
        *(r for extra in project["optional-dependencies"].values() for r in extra),
    ]
    found = {python: resolve(python, requirements) for python in PYTHONS}
    lines = [f'{name}=={version}; python_version < "3.11"' for name, version in BY_HAND.items()]
    for name in sorted({name for versions in found.values() for name in versions}):
        old, new = found["3.10"].get(name), {found[python].get(name) for python in PYTHONS[1:]}
        if len(new) > 1:
            sys.exit(f"error: {name} resolves to {new} on newer Pythons; one version was expected.")
        (recent,) = new
        if old == recent:
            lines.append(f"{name}=={old}")
            continue
        lines += [f'{name}=={old}; python_version < "3.11"'] if old else []
        lines += [f'{name}=={recent}; python_version >= "3.11"'] if recent else []
    lines.append(f"tensorflow=={found['3.11']['tensorflow-cpu']}")
    (ROOT / "constraints.txt").write_text(HEAD + "\n".join(sorted(lines)) + "\n", "utf-8")


if __name__ == "__main__":
    main()
