"""Runs a page from top to bottom, as its reader would: in an empty folder, in one shell."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import jsonschema

import console
import receivers
from blocks import PROGRAMS, SHELL, TEXT, Block, Mistake
from session import Background, Failed, Session

# How long a command that goes on may take to say what the page shows.
START_LIMIT_S = 60.0
# A receiver builds first what it depends on.
BUILD_LIMIT_S = 600.0


@dataclass
class Ran:
    """What became of a page."""

    blocks: int = 0
    receivers: int = 0
    seconds: float = 0.0
    # Where, and why.
    not_run: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Place:
    """Where pages are run."""

    # Empty, but for what tools find above it.
    folder: Path
    environment: Mapping[str, str]
    # The repository: what `by` and `schema` name lies there.
    root: Path
    # Whether the binary is there already, and is not built by the page from its source.
    made: bool = True


def run(blocks: list[Block], place: Place) -> Ran:
    """Runs a page; raises a Mistake at the first block that does not hold."""
    ran = Ran()
    began = time.monotonic()
    home = place.folder.parent / f"{place.folder.name}.home"
    home.mkdir()
    environment = {**place.environment, "HOME": str(home)}
    with Session(place.folder, environment) as session:
        page = _Page(session, place, ran)
        for block in blocks:
            try:
                page.block(block)
            except Failed as failure:
                raise block.mistake(str(failure)) from None
        try:
            session.close()
        except Failed as failure:
            raise Mistake(blocks[-1].page, blocks[-1].line, f"at the page's end: {failure}") from None
    ran.seconds = time.monotonic() - began
    return ran


class _Page:
    def __init__(self, session: Session, place: Place, ran: Ran) -> None:
        self.session = session
        self.place = place
        self.ran = ran

    def block(self, block: Block) -> None:
        if block.has("not-run"):
            self.ran.not_run.append((f"{block.page}:{block.line}", block.value("why") or ""))
            return
        if block.language in TEXT and not block.value("file"):
            return
        # By tests/aws, in front of its stack.
        if block.has("aws"):
            return
        if block.has("source") and self.place.made:
            return
        self.ran.blocks += 1
        if block.has("stop"):
            self.session.interrupt()
        if name := block.value("by"):
            self._used_elsewhere(block, name)
        elif name := block.value("schema"):
            self._of_a_schema(block, name)
        elif block.value("file"):
            self._file(block)
        elif block.language in SHELL:
            self._shell(block)

    def _used_elsewhere(self, block: Block, name: str) -> None:
        """A test of another folder takes the block from this page."""
        test = self.place.root / name
        if not test.is_file() or block.page.rsplit("/", 1)[-1] not in test.read_text():
            raise block.mistake(f"{name} reads no block of this page")

    def _of_a_schema(self, block: Block, name: str) -> None:
        schema = json.loads((self.place.root / name).read_text())
        try:
            jsonschema.validate(json.loads(block.text), schema, jsonschema.Draft202012Validator)
        except (ValueError, jsonschema.ValidationError) as error:
            raise block.mistake(f"is not of {name}: {error}") from None

    def _file(self, block: Block) -> None:
        name = block.value("file") or ""
        where = self.session.run("pwd").output.strip()
        path = Path(where) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text)
        if block.has("receiver"):
            self._receiver(block)
        elif run := block.value("run"):
            self._succeeds(block, run, 0)

    def _shell(self, block: Block) -> None:
        last = int(block.value("exit") or 0)
        if block.language == "sh" and not block.has("background"):
            self._succeeds(block, block.text, last)
            return
        steps = console.steps(block) if block.language == "console" else [console.Step(block.text, (), 0)]
        for number, step in enumerate(steps, 1):
            is_last = number == len(steps)
            if is_last and block.has("background"):
                self._goes_on(block, step)
                return
            ended = self.session.run(step.command)
            expected = last if is_last else 0
            if ended.status != expected:
                raise block.mistake(
                    f"{step.command}\nended with {ended.status}, not {expected}:\n{ended.output}", step.below
                )
            if not console.is_as_shown(step.shown, ended.output):
                raise block.mistake(f"{step.command}\n{console.difference(step.shown, ended.output)}", step.below)

    def _succeeds(self, block: Block, commands: str, expected: int) -> None:
        ended = self.session.run(commands, strict=True)
        if ended.status != expected:
            raise block.mistake(f"ended with {ended.status}, not {expected}:\n{ended.output}")

    def _goes_on(self, block: Block, step: console.Step) -> None:
        background = self.session.start(step.command)
        limit = time.monotonic() + START_LIMIT_S
        while not console.begins_as_shown(step.shown, background.output()):
            if not background.runs():
                raise block.mistake(f"{step.command}\nended:\n{background.output()}", step.below)
            if time.monotonic() > limit:
                raise block.mistake(
                    f"{step.command}\n{console.difference(step.shown, background.output())}", step.below
                )
            time.sleep(0.05)

    def _receiver(self, block: Block) -> None:
        lines = sum(1 for line in block.text.splitlines() if line.strip())
        if lines > receivers.MOST_LINES:
            raise block.mistake(f"a receiver of {lines} lines: at most {receivers.MOST_LINES} are copied")
        self.ran.receivers += 1
        port = int(block.value("port") or 0)
        receiver = receivers.Receiver(port, block.value("path") or "/")
        running = self.session.start(f"SINCH_WEBHOOK_SECRET={receivers.SECRET} {block.value('run')}")
        if not receivers.wait_for(port, running.runs, BUILD_LIMIT_S):
            raise block.mistake(f"nobody listens on port {port}:\n{self._stopped(running)}")
        found = receivers.complaints(receiver)
        output = self._stopped(running)
        if (told := block.value("prints")) and told not in output:
            found.append(f"it does not print {told!r}")
        if found:
            raise block.mistake("\n".join([*found, "it printed:", output]))

    def _stopped(self, running: Background) -> str:
        self.session.end(running)
        return running.output()


def of_language(blocks: list[Block]) -> int:
    """How many blocks of a page somebody runs or compiles."""
    return sum(1 for block in blocks if block.language in SHELL | PROGRAMS)
