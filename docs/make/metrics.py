"""reference/metrics.md: every metric of a receiver that has just started, by its own HELP and TYPE."""

import re
from dataclasses import dataclass, field

HEAD = """\
<!-- Made by scripts/make-docs: do not edit. -->
# Metrics

What `/metrics` of the admin's listener tells Prometheus, in the text format of OpenMetrics. Every series that the
receiver knows by name is there from the start, at 0, so that `increase()` misses no first event.
[Be alerted](../guides/alert.md) says which of them to alert on.

| metric | type | labels | says |
|---|---|---|---|
"""
SAMPLE = re.compile(r"^(?P<name>[a-z_:][a-z0-9_:]*)(?:\{(?P<labels>[^}]*)\})? ")
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')
# What a type appends to its metric's name.
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "info": ("_info",), "gauge": ("",)}
# Values that are of the machine or of the moment, and names of a histogram's own.
OPEN = {"version", "rustc"}
OWN = {"le"}
# Of more values a page shows how many there are.
MOST = 12


@dataclass
class Metric:
    kind: str = ""
    says: str = ""
    labels: dict[str, list[str]] = field(default_factory=dict)


def read(text: str) -> dict[str, Metric]:
    """The metrics of an exposition, by name."""
    found: dict[str, Metric] = {}
    for line in text.splitlines():
        words = line.split(" ", 3)
        if line.startswith(("# HELP ", "# TYPE ")):
            metric = found.setdefault(words[2], Metric())
            if words[1] == "HELP":
                metric.says = words[3].rstrip(".")
            else:
                metric.kind = words[3]
        elif sample := SAMPLE.match(line):
            metric = found[_family(sample["name"], found)]
            for name, value in LABEL.findall(sample["labels"] or ""):
                values = metric.labels.setdefault(name, [])
                if value not in values:
                    values.append(value)
    return found


def _family(name: str, known: dict[str, Metric]) -> str:
    for kind in SUFFIXES.values():
        for suffix in kind:
            family = name.removesuffix(suffix) if suffix else name
            if name.endswith(suffix) and family in known:
                return family
    raise KeyError(name)


def page(text: str) -> str:
    metrics = read(text)
    return HEAD + "".join(
        f"| `{name}{_suffix(metric)}` | {metric.kind} | {_labels(metric)} | {metric.says.replace('|', '&#124;')} |\n"
        for name, metric in sorted(metrics.items())
    )


def _suffix(metric: Metric) -> str:
    """What its one series is called by; a histogram has three."""
    return {"counter": "_total", "info": "_info"}.get(metric.kind, "")


def _labels(metric: Metric) -> str:
    return "; ".join(
        f"`{name}`" if name in OPEN else f"`{name}`: {_values(values)}"
        for name, values in metric.labels.items()
        if name not in OWN
    )


def _values(values: list[str]) -> str:
    return ", ".join(f"`{value}`" for value in sorted(values))
