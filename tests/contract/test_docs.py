"""What stands in two places: the README's tree and the folders, links and files, generated pages and their source."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TRACKED = subprocess.run(
    ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
).stdout.splitlines()
PAGES = [path for path in TRACKED if path.endswith(".md") and (ROOT / path).exists()]


def test_generated_pages_are_fresh() -> None:
    ended = subprocess.run(
        [sys.executable, "scripts/reference.py", "--check"], check=False, cwd=ROOT, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files(page: str) -> None:
    text = re.sub(r"```.*?```", "", (ROOT / page).read_text("utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    missing = [t for t in targets if "://" not in t and not (ROOT / page).parent.joinpath(t).exists()]
    assert missing == []


def test_readme_tree_names_what_is_there() -> None:
    # given: lines such as `  config.py      every setting`, below lines such as `src/inkproof/`
    (tree,) = re.findall(r"```tree\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), flags=re.DOTALL)
    named: set[Path] = set()
    folder = Path()

    # when
    for line in tree.splitlines():
        names = re.split(r"\s{2,}", line.strip())[0].split()
        if not line.startswith(" "):
            folder = Path(names[0])
            named.add(folder)
        else:
            named |= {folder / name for name in names}

    # then
    assert [str(path) for path in named if not (ROOT / path).exists()] == []
    package = ROOT / "src" / "inkproof"
    parts = {path for path in package.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    parts -= {package / "__init__.py", package / "__main__.py"}
    assert {path.relative_to(ROOT) for path in parts} - named == set()


def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    pattern = r"(^|[^a-z.])/(work|farm|root)/|(resolved|registry|index-url)\"? *[:=] *\{?\"?https?://"
    ended = subprocess.run(
        ["git", "grep", "-nIE", pattern, "--", ".", ":!*.svg", ":!tests/contract/test_docs.py"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.stdout == ""
