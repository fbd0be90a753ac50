"""What must hold of the whole run. Last by name, so that the others have gone before."""

import json

import listening
import sinch
from distribution import Distribution
from stack import REPOSITORY, Stack
from template import EdgeTemplate


def test_a_report_travels_the_whole_chain(stack: Stack, edge: Distribution) -> None:
    """prefilter -> origin-request -> OAC -> receiver -> SQS -> processor -> DynamoDB -> EventBridge"""
    message_id = sinch.new_id()
    callback = sinch.sign(sinch.Report(message_id).body(), stack.secret)
    answer = edge.send(callback)
    assert (answer.status, answer.code, answer.end) == (200, "accepted", "nowhere")
    exchange = edge.exchanges()[-1]
    assert (exchange["stage"], exchange["cause"]) == ("origin", None)
    assert exchange["environments"].keys() == {"originRequest", "originResponse"}
    call = edge.calls()[-1]
    assert (call["requestId"], call["refused"], call["status"]) == (exchange["requestId"], None, 200)
    (sent,) = stack.proxy.asked("sqs", "SendMessage", callback.content_key)
    assert sent.json["MessageGroupId"] == message_id
    assert stack.logged(message_id, reports=1)["state"] == "delivered"


def test_the_engines_of_the_prefilter_never_disagreed_and_no_function_was_at_fault(edge: Distribution) -> None:
    faults = [e for e in edge.exchanges() if e["cache"] not in EXPECTED]
    # But for those that were set to nonsense.
    nonsense = ("x-callback-max-body-bytes", "knows the conversation scheme alone")
    assert [e for e in faults if not any(cause in e["cause"] for cause in nonsense)] == []


# `Error` is the origin's own, or its silence.
EXPECTED = {"Miss", "Error", "FunctionGeneratedResponse", "LambdaGeneratedResponse"}


def test_no_log_line_of_the_edge_holds_what_must_not_be_told(stack: Stack, edge: Distribution) -> None:
    callback = sinch.sign(sinch.Report(sinch.new_id()).body(), stack.secret)
    edge.send(callback)
    lines = edge.log_lines()
    assert any("Forwarded" in line for line in lines)
    told = {word for line in lines for word in sinch.unspeakable if word in line}
    assert told == set()
    for body in ("made-up-conversation", "15550100"):
        assert not any(body in line for line in lines)


def test_what_the_edge_writes_is_metrics_and_messages(edge: Distribution) -> None:
    for line in edge.log_lines():
        written = json.loads(line)
        assert "_aws" in written or written.keys() == {"level", "message"}, line


def test_no_environment_was_ended(edge: Distribution) -> None:
    """Neither by its memory nor by its limit of time: that would be in the exchanges' causes."""
    causes = {e["cause"] for e in edge.exchanges()}
    assert not any(
        cause and ("MB of" in cause or "ended with" in cause or "no answer within" in cause) for cause in causes
    )


def test_the_prefilter_of_the_template_is_the_one_that_was_run(template: EdgeTemplate) -> None:
    (function,) = (r["Properties"] for r in template.resources.values() if r["Type"] == "AWS::CloudFront::Function")
    code = (REPOSITORY / "deploy" / function["FunctionCode"]).resolve()
    assert code == REPOSITORY / "edge" / "dist" / "cloudfront" / "prefilter.js"
    zip_file = (REPOSITORY / "deploy" / template.function["Code"]).resolve()
    assert zip_file == REPOSITORY / "target" / "edge" / "origin-request.zip"
    events = {a["EventType"]: a for a in template.config["DefaultCacheBehavior"]["LambdaFunctionAssociations"]}
    assert events["origin-request"]["LambdaFunctionARN"] == events["origin-response"]["LambdaFunctionARN"]
    assert events["origin-request"]["IncludeBody"] is True


def test_nothing_of_the_emulator_listens_beyond_loopback(edge: Distribution) -> None:
    pids = [edge.process.pid, *(e["pid"] for e in edge.state()["environments"] if e["pid"])]
    assert listening.addresses(pids) == {listening.LOOPBACK}
