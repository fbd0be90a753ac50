"""Runs the blocks of a page that are for a shell."""

import time

import console
from blocks import Block
from session import Session

# How long a command that goes on may take to say what the page shows.
START_LIMIT_S = 60.0


class Shell:
    def __init__(self, session: Session) -> None:
        self.session = session

    def run(self, block: Block) -> None:
        """Runs a block, and raises a Mistake where something else is seen than it shows."""
        last = int(block.value("exit") or 0)
        if block.language == "sh" and not block.has("background"):
            self.succeeds(block, block.text, last)
            return
        steps = console.steps(block) if block.language == "console" else [console.Step(block.text, (), 0)]
        for step in steps[:-1]:
            self._ends(block, step, 0)
        if block.has("background"):
            self._goes_on(block, steps[-1])
        else:
            self._ends(block, steps[-1], last)

    def succeeds(self, block: Block, commands: str, expected: int = 0) -> None:
        ended = self.session.run(commands, strict=True)
        if ended.status != expected:
            raise block.mistake(f"ended with {ended.status}, not {expected}:\n{ended.output}")

    def _ends(self, block: Block, step: console.Step, expected: int) -> None:
        ended = self.session.run(step.command)
        if ended.status != expected:
            said = f"{step.command}\nended with {ended.status}, not {expected}:\n{ended.output}"
            raise block.mistake(said, step.below)
        if not console.is_as_shown(step.shown, ended.output):
            raise block.mistake(f"{step.command}\n{console.difference(step.shown, ended.output)}", step.below)

    def _goes_on(self, block: Block, step: console.Step) -> None:
        background = self.session.start(step.command)
        limit = time.monotonic() + START_LIMIT_S
        while not console.begins_as_shown(step.shown, background.output()):
            if not background.runs():
                raise block.mistake(f"{step.command}\nended:\n{background.output()}", step.below)
            if time.monotonic() > limit:
                difference = console.difference(step.shown, background.output())
                raise block.mistake(f"{step.command}\n{difference}", step.below)
            time.sleep(0.05)
