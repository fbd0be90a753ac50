"""Counts the tests of a run from what its runner writes for machines.

    results.py libtest COUNTS      reads the events of Rust's test executables from the standard input
    results.py tap COUNTS          reads the protocol of Node.js's runner from the standard input
    results.py junit COUNTS FILE   reads pytest's report from a file

COUNTS gets one line: how many passed, failed and were skipped. What a person needs is printed: what is no
event, what failed and what it said, and what was skipped.

A run that breaks off has a failure more: the tests that it did not come to have passed nothing.
"""

import functools
import json
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

Say = Callable[[str], None]


@dataclass
class Counts:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __str__(self) -> str:
        return f"{self.passed} {self.failed} {self.skipped}"


def libtest(lines: Iterable[str], say: Say) -> Counts:
    """Each executable tells when its suite starts, how each test starts and ends, and when the suite ends."""
    counts = Counts()
    under_way: set[str] | None = None

    def close() -> None:
        if under_way is not None:
            counts.failed += 1
            say(f"FAILED: an executable broke off in {', '.join(sorted(under_way)) or 'none of its tests'}")

    for line in lines:
        event = event_in(line)
        if event is None:
            say(line)
            continue
        match event:
            case {"type": "suite", "event": "started"}:
                close()
                under_way = set()
            case {"type": "suite", "passed": passed, "failed": failed, "ignored": ignored}:
                say(f"{passed} passed, {failed} failed, {ignored} skipped")
                under_way = None
            case {"type": "test", "event": "started", "name": name}:
                under_way = (under_way or set()) | {name}
            case {"type": "test", "event": "timeout", "name": name}:
                say(f"{name} takes more than a minute")
            case {"type": "test", "event": outcome, "name": name}:
                under_way = (under_way or set()) - {name}
                if outcome == "ok":
                    counts.passed += 1
                elif outcome == "ignored":
                    counts.skipped += 1
                    say(f"skipped: {name}")
                else:
                    counts.failed += 1
                    say(f"FAILED: {name} {event.get('message', '')}\n{event.get('stdout', '')}")
    close()
    return counts


def event_in(line: str) -> dict[str, Any] | None:
    if not line.startswith('{ "type": "'):
        return None
    try:
        return json.loads(line)
    except ValueError:
        return None


# A test's outcome, at any depth.
POINT = re.compile(r"(?P<indent> *)(?P<no>not )?ok \d+(?: - .*?)?(?: # (?P<directive>SKIP|TODO)\b.*)?")
# How many there are; behind the whole run it stands at the margin.
PLAN = re.compile(r"1\.\.\d+")


def tap(lines: Iterable[str], say: Say) -> Counts:
    """Behind each point a block says whether it is of a test or of a suite, and why it failed."""
    counts = Counts()
    whole = [line.rstrip("\n") for line in lines]
    points = [(at, found) for at, line in enumerate(whole) if (found := POINT.fullmatch(line))]
    ends = [at for at, _ in points[1:]] + [len(whole)]
    for (at, point), end in zip(points, ends, strict=True):
        block = {line.removeprefix(point["indent"]) for line in whole[at + 1 : end]}
        if point["directive"]:
            counts.skipped += 1
        elif point["no"]:
            # Otherwise it is one of those within that counts.
            counts.failed += "  failureType: 'subtestsFailed'" not in block
        else:
            counts.passed += "  type: 'suite'" not in block
    if not any(PLAN.fullmatch(line) for line in whole):
        counts.failed += 1
        whole.append("FAILED: the run broke off")
    # Of what passes the names say enough.
    for line in whole if counts.failed else [point[0] for _, point in points]:
        say(line)
    return counts


def junit(text: str, say: Say) -> Counts:
    """Each case holds what went wrong with it, if anything did."""
    counts = Counts()
    for case in ElementTree.fromstring(text).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            counts.failed += 1
        elif (skipped := case.find("skipped")) is not None:
            counts.skipped += 1
            say(f"skipped: {case.get('classname')}.{case.get('name')}: {skipped.get('message')}")
        else:
            counts.passed += 1
    return counts


def main() -> None:
    form, into, *files = sys.argv[1:]
    say = functools.partial(print, flush=True)
    if form == "junit":
        (report,) = map(pathlib.Path, files)
        # pytest writes it last.
        counts = junit(report.read_text(), say) if report.stat().st_size else Counts(failed=1)
    else:
        read = {"libtest": libtest, "tap": tap}[form]
        lines = (line.rstrip("\n") for line in sys.stdin)
        counts = read(lines, say)
    pathlib.Path(into).write_text(f"{counts}\n")


if __name__ == "__main__":
    main()
