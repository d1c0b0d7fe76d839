"""Start-up times of the light commands, of loading MNIST and of listing 1,000 runs.

python benchmarks/startup.py                                    # 20 processes each, half a minute
python benchmarks/startup.py --repeats 1 --runs 3 --results /tmp/x      # does it still work?
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from inkproof.config import load_recipe
from inkproof.data import load
from inkproof.runs import create_run, list_runs
from results_file import RESULTS, summarise, write_results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    inkproof = str(Path(sys.executable).parent / "inkproof")
    with tempfile.TemporaryDirectory() as folder:
        config = load_recipe("tutorial")
        for _ in range(options.runs):
            create_run(config, Path(folder))

        def repeat(action) -> dict:
            return summarise([timed(action) for _ in range(options.repeats)])

        figures = {
            "help_seconds": repeat(lambda: subprocess.run([inkproof, "--help"], capture_output=True, check=True)),
            "runs_command_seconds": repeat(
                lambda: subprocess.run([inkproof, "runs", "--runs-dir", folder], capture_output=True, check=True)
            ),
            "bare_python_seconds": repeat(lambda: subprocess.run([sys.executable, "-c", ""], check=True)),
            "list_runs_seconds": repeat(lambda: list_runs(Path(folder))),
            "load_mnist_seconds": repeat(lambda: load("mnist")),
            "num_runs_listed": options.runs,
        }
    write_results("startup", figures, options.results)


def timed(action) -> float:
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
