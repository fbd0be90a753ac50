"""figures.md: what the benchmarks have written down of themselves, beside what they aim at."""

import json
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HEAD = """\
<!-- Made by scripts/make-docs: do not edit. -->
# Figures and costs

The benchmarks write these down themselves, with machine and date: `scripts/bench NAME --record` measures on your
machine and changes `docs/figures/NAME.json`, from which this page is made. A range is the lowest and the highest of
several runs. What `scripts/test proof` and `scripts/test recovery` prove is measured on every run of them;
[each promise and its proof](explanation/promises.md) says what it stands for.
"""
COSTS = """
## What a month on AWS costs

Estimated by `sinch-callback cost --callbacks 10M --forged 50M --region eu-west-1`, which also prints each price with
its source, and what is assumed. The edge saves no money: CloudFront costs more for a request than Lambda does for a
rejection. What it buys is a receiver that strangers cannot reach.

"""
COST = ("cost", "--callbacks", "10M", "--forged", "50M", "--region", "eu-west-1", "--markdown")
AIMS = ("at_most", "at_least", "exactly")


def page(folder: Path, binary: Path) -> str:
    aims = tomllib.loads((folder / "aims.toml").read_text())
    costs = subprocess.run([binary, *COST], env={}, check=True, capture_output=True, text=True).stdout
    return HEAD + "".join(_groups(aims["group"], folder)) + COSTS + costs.rstrip("\n") + "\n"


def _groups(groups: list[dict[str, Any]], folder: Path) -> Iterator[str]:
    for group in groups:
        path = folder / f"{group['records']}.json"
        if not path.exists():
            # Not recorded yet.
            continue
        record = json.loads(path.read_text())
        yield f"\n## {group['title']}\n\n"
        yield f"By `{record['command']}`, {record['date']}, on {record['machine']}.\n\n"
        yield "| figure | measured | aim |\n|---|---|---|\n"
        rows = [_row(figure, record["figures"]) for figure in group["figure"]]
        yield from filter(None, rows)


def _row(figure: dict[str, Any], measured: dict[str, Any]) -> str:
    if figure["name"] not in measured:
        return ""
    value = measured[figure["name"]]
    unit = figure["unit"]
    return f"| {figure['says']} | {_text(value, unit)} | {_aim(figure, value, unit)} |\n"


def _text(value: float | list[float], unit: str) -> str:
    told = f"{_number(value[0])} to {_number(value[1])}" if isinstance(value, list) else _number(value)
    return f"{told} {unit}".strip()


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) or value != int(value) else f"{int(value):,}"


def _aim(figure: dict[str, Any], value: float | list[float], unit: str) -> str:
    kind = next((kind for kind in AIMS if kind in figure), None)
    if kind is None:
        return ""
    aim = figure[kind]
    words = {"at_most": "at most ", "at_least": "at least ", "exactly": ""}[kind]
    return f"{words}{_text(aim, unit)}{'' if is_met(kind, aim, value) else ', missed'}"


def is_met(kind: str, aim: float, value: float | list[float]) -> bool:
    """Whether an aim is reached, by the worst of several runs."""
    lowest, highest = value if isinstance(value, list) else (value, value)
    return {"at_most": highest <= aim, "at_least": lowest >= aim, "exactly": lowest == aim == highest}[kind]
