"""Runs a page from top to bottom, as its reader would: in an empty folder, in one shell."""

import http.client
import json
import queue
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import jsonschema

import functions
import receivers
from blocks import SHELL, TEXT, Block, Mistake
from session import Background, Failed, Session
from shell import Shell

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
        self.shell = Shell(session)
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
            self.shell.run(block)

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
            self.shell.succeeds(block, run)

    def _receiver(self, block: Block) -> None:
        lines = sum(1 for line in block.text.splitlines() if line.strip())
        if lines > receivers.MOST_LINES:
            raise block.mistake(f"a receiver of {lines} lines: at most {receivers.MOST_LINES} are copied")
        self.ran.receivers += 1
        secret = f"SINCH_WEBHOOK_SECRET={receivers.SECRET}"
        if block.has("lambda"):
            with functions.Runtime() as runtime:
                running = self.session.start(f"{secret} {runtime.variables()} {block.value('run')}")
                if not runtime.wait(running.runs, BUILD_LIMIT_S):
                    raise block.mistake(f"no function asks for an event:\n{self._stopped(running)}")
                self._tried(block, runtime, running)
            return
        port = int(block.value("port") or 0)
        running = self.session.start(f"{secret} {block.value('run')}")
        if not receivers.wait_for(port, running.runs, BUILD_LIMIT_S):
            raise block.mistake(f"nobody listens on port {port}:\n{self._stopped(running)}")
        self._tried(block, receivers.Receiver(port, block.value("path") or "/"), running)

    def _tried(self, block: Block, receiver: receivers.Postable, running: Background) -> None:
        try:
            found = receivers.complaints(receiver)
        except (OSError, http.client.HTTPException, queue.Empty) as error:
            found = [f"it did not answer: {error!r}"]
        output = self._stopped(running)
        if (told := block.value("prints")) and told not in output:
            found.append(f"it does not print {told!r}")
        if found:
            raise block.mistake("\n".join([*found, "it printed:", output]))

    def _stopped(self, running: Background) -> str:
        """Ends a receiver, which may have ended by itself, and gives what it has printed."""
        self.session.stop(running)
        return running.output()
