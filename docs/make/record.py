"""Writes down what a benchmark has printed: record.py NAME <OUTPUT

The lines `figure NAME VALUE` of a run become docs/figures/NAME.json, with the machine and the date.
"""

import datetime
import json
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "figures"
FIGURE = re.compile(r"figure ([a-z0-9_]+) (-?[0-9]+(?:\.[0-9]+)?)")


def figures(lines: Iterable[str]) -> dict[str, float]:
    """Each figure as it was printed last."""
    found = filter(None, (FIGURE.fullmatch(line.strip()) for line in lines))
    return {name: float(value) if "." in value else int(value) for name, value in (one.groups() for one in found)}


def machine() -> str:
    """Processors and memory, and nothing by which somebody could find it."""
    model = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = re.search(r"^MemTotal:\s*(\d+) kB$", Path("/proc/meminfo").read_text(), re.MULTILINE)
    gigabytes = round(int(memory[1]) / 2**20) if memory else 0
    return f"{os.cpu_count()} cores of {model[1] if model else 'an unknown processor'}, {gigabytes} GB of memory"


def main() -> int:
    (name,) = sys.argv[1:]
    found = figures(sys.stdin)
    if not found:
        print(f"{name} has printed no figure", file=sys.stderr)
        return 1
    record = {
        "command": f"scripts/bench {name}",
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": machine(),
        "figures": found,
    }
    (FOLDER / f"{name}.json").write_text(f"{json.dumps(record, indent=2, ensure_ascii=False)}\n")
    print(f"docs/figures/{name}.json has {len(found)} figures: scripts/make-docs writes the page")
    return 0


if __name__ == "__main__":
    sys.exit(main())
