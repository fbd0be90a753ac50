"""Finds what core decides and another source file says again.

What a callback is answered, the names of the signed headers, the default limits and Sinch's retry
schedule stand in core. A copy elsewhere is true until core changes, so there is none: neither word for
word, nor as a number that is written in another way. Rust and TypeScript are read as such; templates,
shell and Python line by line, and in a template a copy is named by where it stands.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Folders of source, outside core; tests and generated files are left aside.
ROOTS = (
    "pipeline/src",
    "server/src",
    "cli/src",
    "inspect/src",
    "inspect/wasm/src",
    "lambda-adapter/src",
    "wasm-adapter/src",
    "wasm-adapter/js/src",
    "wasm-adapter/js/tools",
    "edge/src",
    "edge/tools",
)
SUFFIXES = (".rs", ".ts", ".mjs")
# Folders of templates, shell and Python.
PLAIN_ROOTS = ("deploy", "scripts", ".github")
TEMPLATES = (".yaml", ".yml")
ASIDE = {"generated", "test", "tests", "tests.rs", "node_modules", "dist"}

# What a callback is answered with a status of its own; 200 is everybody's.
STATUSES = {400, 401, 404, 405, 413, 422, 503}
# Defaults that are odd enough to be nothing else, and what they are.
LIMITS = {
    300: "the window of a verifier by itself",
    10_000: "the capacity of a guard",
    100_000: "the capacity of a host's guard",
    86_400: "the greatest age of a callback",
    1_000_000: "the largest body of Lambda@Edge",
    2_097_152: "the largest body of serve",
    6_291_456: "the largest body on AWS",
    1_048_576: "the largest message of SQS",
}
# Of the retry schedule: when the last retry comes, and how long it was waited for.
SCHEDULE = {81_900, 81_915, 40_960}


@dataclass(frozen=True)
class Copy:
    """A copy of what stands in core."""

    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


def codes(core: Path) -> set[str]:
    """The codes of all answers, as core lists them."""
    answers = (core / "src/reception/answer.rs").read_text()
    rejections = (core / "src/rejection.rs").read_text()
    listed = re.search(r"const CODES: &\[&str\] = &\[(.*?)\];", rejections, re.DOTALL)
    assert listed is not None
    found = set(re.findall(r'code: "(\w+)"', answers)) | set(re.findall(r'^ *"(\w+)"', listed[1], re.MULTILINE))
    assert len(found) > 15, found
    return found


def header_names(core: Path) -> set[str]:
    """The names of the headers that proofs stand in, as core lists them, but for those that anybody has."""
    names = (core / "src/header_name.rs").read_text()
    found = set(re.findall(r'= "((?:x-)?(?:sinch|messagemedia)-[a-z-]+)"', names))
    assert len(found) == 12, found
    return found


def limits(core: Path) -> dict[str, int]:
    """The default limits, as core states them, by their names there."""
    found = {
        name: int(value.replace("_", ""))
        for name, value in re.findall(r"pub const (\w+): usize = ([\d_]+);", (core / "src/limits.rs").read_text())
        # 16 is many things.
        if name != "MIN_SECRET_BYTES"
    }
    for name, value in re.findall(
        r"pub const (BARE|LOGGED): Self = [^;]*?from_secs\(([\d_]+)\)", (core / "src/window.rs").read_text()
    ):
        found[name] = int(value.replace("_", ""))
    for name in ("refresh", "overlap"):
        stated = re.search(rf"{name}: Duration::from_secs\(([\d_]+)\)", (core / "src/secret_schedule.rs").read_text())
        assert stated is not None, name
        found[name] = int(stated[1].replace("_", ""))
    return found


def copies(root: Path, allowed: dict[tuple[str, str], str]) -> Iterator[Copy]:
    """All copies under the folders of source, but for what is allowed in a file or folder, with its reason."""
    known = codes(root / "core"), header_names(root / "core")
    for name, text in sources(root):
        found = copies_in(name, text, *known) if name.endswith(SUFFIXES) else copies_in_lines(name, text, *known)
        for copy in found:
            if not any(name.startswith(where) and copy.what.startswith(what) for where, what in allowed):
                yield copy


def sources(root: Path) -> Iterator[tuple[str, str]]:
    """The files in which a copy may stand: their names and texts."""
    for folder in ROOTS + PLAIN_ROOTS:
        for path in sorted((root / folder).rglob("*")):
            relative = path.relative_to(root)
            if not path.is_file() or ASIDE & set(relative.parts) or re.search(r"\.test\.|_tests\.rs$", path.name):
                continue
            if (folder in ROOTS and path.suffix in SUFFIXES) or (
                folder in PLAIN_ROOTS and (path.suffix in {*TEMPLATES, ".py", ".sh"} or path.read_bytes()[:2] == b"#!")
            ):
                yield str(relative), path.read_text()


# A comment, and the period over which CloudWatch sums a metric.
NO_COPY = re.compile(r"(?:^|\s)#.*|\bPeriod: 300$|\"period\": 300\b|(?<='Sum', )300\b")


def copies_in_lines(name: str, text: str, of_codes: set[str], of_headers: set[str]) -> Iterator[Copy]:
    """The copies in a template or a script. What stands behind `#` is a comment; a code is told from a
    word by its underscore."""
    keys: list[tuple[int, str]] = []
    for line, text_of_line in enumerate(text.splitlines(), 1):
        bare = NO_COPY.sub("", text_of_line)
        where = ""
        if name.endswith(TEMPLATES):
            if key := re.match(r"( *(?:- )*)([\w.\"-]+):(?= |$)", bare):
                keys = [*(known for known in keys if known[0] < len(key[1])), (len(key[1]), key[2])]
            where = " in " + ".".join(known for _, known in keys)
        is_prose = bool(keys) and re.search("Description$|title", keys[-1][1]) is not None
        for code in sorted(of_codes):
            if "_" in code and re.search(rf"\b{code}\b", bare):
                yield Copy(name, line, f"the code {code}{where}")
        for header in sorted(of_headers):
            if re.search(rf"{header}(?![a-z-])", bare.lower()):
                yield Copy(name, line, f"the header {header}{where}")
        for _, value, _ in numbers(bare):
            if value in STATUSES and not is_prose:
                yield Copy(name, line, f"the status {value}{where}")
            if value in LIMITS:
                yield Copy(name, line, f"{LIMITS[value]}, {value}{where}")
            if value in SCHEDULE:
                yield Copy(name, line, f"the retry schedule{where}")


def copies_in(name: str, text: str, of_codes: set[str], of_headers: set[str]) -> Iterator[Copy]:
    """The copies in one file."""
    text = without_tests(text)
    for at, literal in literals(text):
        line = text.count("\n", 0, at) + 1
        for code in sorted(of_codes):
            # A plain word may stand in prose; one with an underscore is a code wherever it stands.
            if literal == code or ("_" in code and re.search(rf"\b{code}\b", literal)):
                yield Copy(name, line, f"the code {code}")
        for header in sorted(of_headers):
            if re.search(rf"{header}(?![a-z-])", literal.lower()):
                yield Copy(name, line, f"the header {header}")
        # What is read as a number later is one.
        value = int(literal) if re.fullmatch("[1-9][0-9]*", literal) else 0
        if value in STATUSES:
            yield Copy(name, line, f"the status {value}")
        if value in LIMITS:
            yield Copy(name, line, f"{LIMITS[value]}, {value}")
    bare = without_literals(text)
    for at, value, before in numbers(bare):
        line = bare.count("\n", 0, at) + 1
        if value in STATUSES:
            yield Copy(name, line, f"the status {value}")
        # The end of a range is a class of statuses.
        if value in LIMITS and not before.endswith(".."):
            yield Copy(name, line, f"{LIMITS[value]}, {value}")
        retries = value == 14 and re.search(
            r"retr\w*\W*(?:\w+\W+){0,3}$|attempts?\W+(?:in\W+)?(?:\d\W+)?$", before, re.IGNORECASE
        )
        if value in SCHEDULE or retries:
            yield Copy(name, line, "the retry schedule")


def without_tests(text: str) -> str:
    """The text up to the tests of a Rust file."""
    return re.split(
        r"^#\[cfg\((?:test|all\(test[^\n]*)\)\]\n(?:#\[[^\n]*\n)*mod ", text, maxsplit=1, flags=re.MULTILINE
    )[0]


TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|r#"(.*?)"#|"((?:\\.|[^"\\])*)"|`([^`]*)`', re.DOTALL)


def literals(text: str) -> Iterator[tuple[int, str]]:
    """The texts in a file, comments aside, and where they begin."""
    for found in TOKEN.finditer(text):
        for literal in found.groups():
            if literal is not None:
                yield found.start(), literal


def without_literals(text: str) -> str:
    """The file without its texts and comments, line by line as before."""
    return TOKEN.sub(lambda found: '""' + "\n" * found[0].count("\n"), text)


NUMBER = r"(?:0x[0-9a-f_]+|\d[\d_]*)(?:[ui](?:8|16|32|64|128|size)|n)?"
EXPRESSION = re.compile(
    rf"(?<!\w)(?<![\w)\]]\.)(?<!\\u\{{)\(?{NUMBER}\)?(?:\s*(?:\*|<<|\+)\s*\(?{NUMBER}\)?)*(?!\.?\w)", re.IGNORECASE
)


def numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """Where whole numbers stand, what they come to, and what stands before them. A product, a sum or a
    shift of numbers is one."""
    for found in EXPRESSION.finditer(text):
        yield found.start(), value_of(found[0]), text[max(0, found.start() - 60) : found.start()]


def value_of(expression: str) -> int:
    """What an expression comes to. `*` binds closer than `+`, and `+` closer than `<<`."""
    parts = re.split(r"(<<|\+|\*)", re.sub(r"[\s()_]", "", expression))
    values = [whole(part) for part in parts[::2]]
    signs = parts[1::2]
    for sign, act in (("*", operator.mul), ("+", operator.add), ("<<", operator.lshift)):
        while sign in signs:
            at = signs.index(sign)
            if sign == "<<" and values[at + 1] > 64:
                return 0
            values[at : at + 2] = [act(values[at], values[at + 1])]
            del signs[at]
    return values[0]


def whole(number: str) -> int:
    """A number without its type."""
    bare = re.sub(r"(?:[ui](?:8|16|32|64|128|size)|n)$", "", number)
    return int(bare, 16 if bare.lower().startswith("0x") else 10)
