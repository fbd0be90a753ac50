"""The table of answers in the documentation, against core."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

PAGE = "docs/src/reference/answers.md"
BEGIN, END = "<!-- answers:begin -->", "<!-- answers:end -->"
TOO_MANY_REQUESTS = 429

# An answer by its status and its code.
Answers = set[tuple[int, str]]


def decided(core: Path) -> Answers:
    """What core answers: the answers with fixed words, and those of rejections."""
    answers = (core / "src/reception/answer.rs").read_text()
    rejections = (core / "src/rejection.rs").read_text()
    code_of = dict(arms(function(rejections, "code"), r'"(\w+)"'))
    class_of = dict(arms(function(rejections, "class"), r"RejectionClass::(\w+)"))
    status_of = dict(arms(function(rejections, "http_status"), r"(\d+)"))
    found = {(int(status_of[class_of[name]]), code) for name, code in code_of.items()}
    assert code_of.keys() == class_of.keys(), code_of.keys() ^ class_of.keys()
    for status, code, rejection in re.findall(
        r'status: (\d+),\s*code: (?:"(\w+)"|Rejection::(\w+)\.code\(\)),', answers
    ):
        found.add((int(status), code or code_of[rejection]))
    return found


def function(text: str, name: str) -> str:
    """The body of the first function of a name."""
    start = text.index(f"pub const fn {name}(")
    return text[start : text.index("\n    }\n", start)]


def arms(text: str, result: str) -> Iterator[tuple[str, str]]:
    """The arms of a match over `Self`: each variant with what it gives."""
    for variants, given in re.findall(rf"((?:Self::\w+[^=]*?\|?\s*)+)=>\s*{result}", text):
        for variant in re.findall(r"Self::(\w+)", variants):
            yield variant, given


def complaints(text: str, answers: Answers) -> Iterator[str]:
    """Where the table is not what core answers."""
    _, marked, rest = text.partition(BEGIN)
    table, ended, _ = rest.partition(END)
    if not marked or not ended:
        yield f"no table between {BEGIN} and {END}"
        return
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \| [^|]+ \| (yes|no) \|$", table, re.MULTILINE)
    written = [(int(status), code) for status, code, _ in rows]
    for status, code in sorted(answers - set(written)):
        yield f"{status} {code} is missing"
    for status, code in sorted(set(written) - answers):
        yield f"{status} {code} is nothing that core answers"
    for answer in sorted({answer for answer in written if written.count(answer) > 1}):
        yield f"{answer[0]} {answer[1]} stands there twice"
    for status, code, retries in rows:
        if (retries == "yes") != (int(status) >= 500 or int(status) == TOO_MANY_REQUESTS):
            yield f"{status} {code}: Sinch retries 5xx and 429, and nothing else"
