"""The blocks of the guide for AWS that are for a stack do what the guide says."""

import os
import sys
from pathlib import Path

import pytest

import events
import sinch
from conftest import BINARY, Environments, Seal
from stack import CREDENTIALS, REGION, REPOSITORY, Stack

sys.path.insert(0, str(REPOSITORY / "tests" / "docs"))

import blocks
from session import Session
from shell import Shell

GUIDE = REPOSITORY / "docs" / "src" / "guides" / "aws.md"
BLOCKS = [block for block in blocks.of_file(GUIDE, REPOSITORY) if block.has("aws")]


def environment(stack: Stack, message: str, programs: Path) -> dict[str, str]:
    """What the guide has its reader know: the outputs of the stack."""
    outputs = stack.outputs
    return {
        **CREDENTIALS,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "HOME": str(programs),
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": stack.proxy.url,
        "TABLE": outputs["TableName"],
        "QUEUE": outputs["QueueUrl"],
        "DEAD_LETTERS": outputs["DeadLetterQueueUrl"],
        "WATCHER": outputs["WatcherFunctionName"],
        "MESSAGE": message,
    }


@pytest.fixture
def message(stack: Stack, seal: Seal, run: Environments) -> str:
    """A message of which a report is in the table."""
    made = sinch.new_id()
    sent = seal(sinch.sign(sinch.Report(made).body(), stack.secret))
    record = events.sqs_record(sent["MessageBody"], sent["MessageGroupId"], made)
    assert run("processor").invoke(events.sqs(record), 30).response == {"batchItemFailures": []}
    return made


@pytest.fixture
def understood(stack: Stack) -> None:
    """A table in which nothing is left that was not understood, whatever other tests have put there."""
    table = stack.outputs["TableName"]
    pages = stack.dynamodb.get_paginator("scan").paginate(
        TableName=table, FilterExpression="attribute_exists(unrecognized)", ProjectionExpression="pk, sk"
    )
    for key in [item for page in pages for item in page["Items"]]:
        stack.dynamodb.update_item(TableName=table, Key=key, UpdateExpression="REMOVE unrecognized")


def test_the_guide_has_blocks_for_a_stack() -> None:
    assert len(BLOCKS) >= 3


@pytest.mark.usefixtures("understood")
@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"line-{block.line}")
def test_a_block_does_what_the_guide_says(block: blocks.Block, stack: Stack, message: str, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "sinch-callback").symlink_to(BINARY)
    with Session(tmp_path, environment(stack, message, programs)) as session:
        Shell(session).run(block)
