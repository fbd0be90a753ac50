"""Other products' callbacks through the edge: judged there by their own scheme, and by the receiver once more."""

import functools

import pytest

import sinch
from conftest import Ended
from distribution import Answer, Distribution
from endpoint_callbacks import NUMBERS, VOICE, call, number, numbers_event, voice_event
from poll import eventually
from stack import Stack
from template import EdgeTemplate

ACCEPTED = (200, "accepted", "nowhere")


@pytest.fixture
def edge(with_endpoints: Distribution) -> Distribution:
    with_endpoints.redeploy()
    return with_endpoints


def found(answer: Answer) -> tuple:
    return answer.status, answer.code, answer.end


def test_each_product_s_callbacks_go_the_whole_way(stack: Stack, edge: Distribution) -> None:
    numbers = numbers_event(number(), stack.endpoint_secrets["numbers"])
    # In the header that CloudFront's own signature takes, and signed for the path that Sinch calls.
    voice = voice_event(call("dice"), stack.endpoint_secrets["voice"], VOICE["public_path"])
    for callback, path in [(numbers, NUMBERS["path"]), (voice, VOICE["path"]), (stack.signed(), "/callbacks")]:
        assert found(edge.send(callback, path=path)) == ACCEPTED
        key = callback.content_key
        assert eventually(functools.partial(stack.callback, key))


def test_what_is_of_no_such_scheme_or_secret_ends_at_the_edge(stack: Stack, edge: Distribution, ended: Ended) -> None:
    own, strange = stack.endpoint_secrets["numbers"], sinch.new_secret("a-strangers")
    before = edge.state()["calls"]
    for what, callback, path, expected in [
        ("Numbers' with the Conversation API's secret", numbers_event(number(), stack.secret), NUMBERS["path"], 401),
        ("Numbers' with a stranger's secret", numbers_event(number(), strange), NUMBERS["path"], 401),
        ("Numbers' where the Conversation API's come", numbers_event(number(), own), "/callbacks", 400),
        ("the Conversation API's where Numbers' come", stack.signed(), NUMBERS["path"], 400),
    ]:
        answer = edge.send(callback, path=path)
        # Of what has no time nobody can say that no secret was put since.
        assert answer.status == expected or (expected, answer.code) == (401, "secret_may_be_newer"), str(answer)
        assert answer.end in ("prefilter", "origin-request")
        ended(what, answer)
    assert edge.state()["calls"] == before


def test_a_question_is_refused_at_the_edge_since_a_queue_has_no_answer(
    stack: Stack, edge: Distribution, ended: Ended
) -> None:
    question = voice_event(call("ice"), stack.endpoint_secrets["voice"], VOICE["public_path"])
    before = edge.state()["calls"]
    answer = edge.send(question, path=VOICE["path"])
    assert ended("a call that waits for an answer", answer) == (422, "answer_expected", "origin-request")
    assert edge.state()["calls"] == before


def test_a_replay_of_what_has_no_time_is_absorbed_where_it_was_seen(stack: Stack, edge: Distribution) -> None:
    edge.pin(0, 0)
    callback = numbers_event(number(), stack.endpoint_secrets["numbers"])
    assert found(edge.send(callback, path=NUMBERS["path"])) == ACCEPTED
    assert edge.send(callback, path=NUMBERS["path"]).code == "duplicate"
    edge.pin()


def test_code_of_one_scheme_fails_closed_where_it_is_given_endpoints_and_says_why(
    stack: Stack, running: Distribution, template: EdgeTemplate
) -> None:
    own = template.origin()
    running.redeploy()
    running.origin(customHeaders=own["customHeaders"] | {"x-callback-endpoints": stack.endpoints["Endpoints"]})
    answer = running.send(stack.signed())
    running.origin(**own)
    assert (answer.status, answer.end) == (503, "CloudFront (LambdaExecutionError)")
    assert "knows the conversation scheme alone" in running.exchanges()[-1]["cause"]
