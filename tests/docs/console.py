"""What a page shows of a shell: commands, and what is seen below them."""

import re
from dataclasses import dataclass

from blocks import Block

# Stands for any text within a line, and alone in a line for any lines.
ANYTHING = "…"


@dataclass(frozen=True)
class Step:
    command: str
    # What must be seen; nothing where the page shows nothing.
    shown: tuple[str, ...]
    # How far below the fence.
    below: int


def steps(block: Block) -> list[Step]:
    """The commands of a block in turn."""
    found: list[Step] = []
    lines = block.text.splitlines()
    at = 0
    while at < len(lines):
        began = at
        line = lines[at]
        at += 1
        if not line.startswith("$ "):
            raise block.mistake("a line stands below no command", began + 1)
        command = line.removeprefix("$ ")
        while command.endswith("\\") and at < len(lines):
            command = f"{command}\n{lines[at].removeprefix('> ')}"
            at += 1
        shown = at
        while at < len(lines) and not lines[at].startswith("$ "):
            at += 1
        found.append(Step(command, tuple(lines[shown:at]), began + 1))
    if not found:
        raise block.mistake("there is no command in it")
    return found


def is_as_shown(shown: tuple[str, ...], seen: str) -> bool:
    """Whether an output is the one that a page shows."""
    return not shown or bool(_pattern(shown).fullmatch(_trimmed(seen)))


def begins_as_shown(shown: tuple[str, ...], seen: str) -> bool:
    """Whether the output so far has all that a page shows of a command that goes on."""
    return is_as_shown((*shown, ANYTHING), seen) if shown else True


def _trimmed(text: str) -> str:
    lines = [line.rstrip() for line in text.splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    return "".join(f"{line}\n" for line in lines)


def _pattern(shown: tuple[str, ...]) -> re.Pattern[str]:
    lines = list(shown)
    while lines and not lines[-1].strip():
        lines.pop()
    return re.compile(
        "".join(
            r"(?:.*\n)*?"
            if line.strip() == ANYTHING
            else f"{'.*?'.join(map(re.escape, line.rstrip().split(ANYTHING)))}\n"
            for line in lines
        )
    )


def difference(shown: tuple[str, ...], seen: str) -> str:
    """Both, for whoever mends the page."""
    return f"the page shows\n{_indented(shown)}\nand this was seen:\n{_indented(seen.splitlines())}"


def _indented(lines: object) -> str:
    return "\n".join(f"    {line}" for line in lines)  # type: ignore[attr-defined]
