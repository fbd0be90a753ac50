"""What core decides stands in core alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from one_place import LIMITS, STATUSES, codes, copies, copies_in, copies_in_lines, header_names, limits

ROOT = Path(__file__).resolve().parent.parent.parent
CORE = ROOT / "core"

DAY = "the greatest age of a callback, 86400"
OWN_API = "an answer of the admin API, and none to a callback"
LOG = "the name of a log line or of a counter"
SETTING = "the words of a setting"
EXPECTED = "what the demo expects is written by hand, as in a test"

AWS, EDGE, RECOVERY = "deploy/template.yaml", "deploy/edge.yaml", "deploy/recovery.yaml"
# Defaults and bounds of the templates, which cannot read core: by where they stand, and of which limit.
HELD = {
    (AWS, "Parameters.SecretOverlapSeconds.Default"): "overlap",
    (AWS, "Parameters.SecretRefreshSeconds.Default"): "refresh",
    (AWS, "Parameters.MaxAgeSeconds.Default"): "LOGGED",
    (AWS, "Parameters.MaxBodyBytes.Default"): "AWS_MAX_BODY_BYTES",
    (AWS, "Parameters.MaxBodyBytes.MaxValue"): "AWS_MAX_BODY_BYTES",
    (AWS, "Resources.CallbackQueue.Properties.MaximumMessageSize"): "SQS_MESSAGE_BYTES",
    (AWS, "Resources.DeadLetterQueue.Properties.MaximumMessageSize"): "SQS_MESSAGE_BYTES",
    (EDGE, "Parameters.MaxAgeSeconds.Default"): "LOGGED",
    (EDGE, "Parameters.MaxBodyBytes.Default"): "LAMBDA_EDGE_MAX_BODY_BYTES",
    (EDGE, "Parameters.MaxBodyBytes.MaxValue"): "LAMBDA_EDGE_MAX_BODY_BYTES",
    (EDGE, "Parameters.GuardCapacity.Default"): "HOST_GUARD_CAPACITY",
}


def held(limit: str) -> str:
    """How a copy of a limit is called."""
    value = limits(CORE)[limit]
    return f"{LIMITS[value]}, {value}"


# What looks like a copy and is none, by file or folder.
ALLOWED = {
    ("cli/src/moment.rs", DAY): "a day of the calendar",
    ("cli/src/moment.rs", "the status 400"): "the years after which the calendar repeats",
    ("server/src/background/retention.rs", DAY): "a day of the calendar",
    ("lambda-adapter/src/config.rs", DAY): "a day of the calendar",
    ("cli/src/demo/shown.rs", "the status 400"): "a width in characters",
    ("server/src/config.rs", "the status 400"): "days that states are kept",
    (
        "server/src/listener/connections.rs",
        "the largest body of serve, 2097152",
    ): "memory for one sender, our own choice",
    **{(file, f"{held(limit)} in {where}"): "held equal to core" for (file, where), limit in HELD.items()},
    **{
        (file, f"the status {status} in Parameters.{name}"): SETTING
        for file in (AWS, EDGE)
        for status in (401, 503)
        for name in ("OnSignatureMismatch", "WithoutSecret")
    },
    (EDGE, f"{held('LAMBDA_EDGE_MAX_BODY_BYTES')} in Parameters.GuardCapacity.MaxValue"): "callbacks, and no bytes",
    (EDGE, "the code origin_refused in Resources.FailedAlarm"): "names the code to who reads the alarm",
    (AWS, "the status 400 in Parameters.StateRetentionDays"): "days",
    (AWS, "the status 400 in Parameters.FunctionLogRetentionDays"): "days",
    ("scripts/build-edge", "the status 404"): "says what the function answers",
    ("scripts/deploy", "the status 401"): "a dry run's setting",
    ("scripts/deploy", held("LAMBDA_EDGE_MAX_BODY_BYTES")): "what CloudFront shows its functions of a body",
    ("scripts/check-miri", held("BARE")): "seconds of patience with a download",
    ("scripts/bench-serve", held("HOST_GUARD_CAPACITY")): "forgeries to send",
    ("cli/src/serve/args.rs", "the status 401"): SETTING,
    ("cli/src/serve/service_manager.rs", held("LAMBDA_EDGE_MAX_BODY_BYTES")): "microseconds of a second",
    ("edge/src/settings.ts", held("LAMBDA_EDGE_MAX_BODY_BYTES")): "callbacks, and no bytes",
    **{
        (f"edge/src/{file}.ts", held("GUARD_CAPACITY")): "milliseconds of patience"
        for file in ("cloudfront/metrics", "forward")
    },
    ("cli/src/send/tally.rs", "the status 401"): "what a sender of forgeries wants to be told",
    ("scripts/check-package", held("LAMBDA_EDGE_MAX_BODY_BYTES")): "bytes of a package",
    ("wasm-adapter/js/src/verdict.ts", "the code accepted"): "a verdict and no answer",
    **{
        ("wasm-adapter/js/src/node-host.ts", f"the status {status}"): "what Node.js itself answers to what is no HTTP"
        for status in (400, 413)
    },
    **{
        (f"edge/src/{place}settings.ts", f"the status {status}"): SETTING
        for place in ("", "cloudfront/")
        for status in (401, 503)
    },
    (
        "edge/src/hosts/node.ts",
        "the status 503",
    ): "the request itself could not be read by the host, so no answer was made",
    **{("server/src/admin/", f"the status {status}"): OWN_API for status in STATUSES},
    ("server/src/admin/json_body.rs", "the code body_too_large"): OWN_API,
    **{("server/src/dashboard.rs", f"the status {status}"): OWN_API for status in STATUSES},
    ("server/src/dashboard.rs", "the code unknown_path"): OWN_API,
    ("server/src/admin/shows.rs", DAY): "a day of the calendar",
    ("server/src/pages/assets.rs", "the status 404"): OWN_API,
    ("server/src/pages/assets.rs", "the code unknown_path"): OWN_API,
    ("server/src/recent.rs", DAY): "a step of the ages that are counted together",
    ("server/src/recent.rs", held("BARE")): "a step of the ages that are counted together",
    ("server/src/store/overview.rs", held("BARE")): "seconds that are counted together",
    ("pipeline/src/deadline.rs", DAY): "a day of the calendar",
    ("pipeline/src/messages/watch_request.rs", DAY): "a day of the calendar",
    ("lambda-adapter/src/dynamodb/messages.rs", DAY): "a day of the calendar",
    ("lambda-adapter/src/hearing.rs", DAY): "a day of the calendar",
    ("lambda-adapter/src/hearing.rs", "the code accepted"): LOG,
    ("cli/src/play_sinch/", "the "): "what Sinch's API answers and takes, played",
    ("cli/src/webhook.rs", "the status 40"): "what Sinch's API answers",
    ("cli/src/reconcile/mod.rs", "the status 401"): "what Sinch's API answers",
    ("cli/src/reconcile/mod.rs", held("BARE")): "seconds of silence",
    ("cli/src/reconcile/mod.rs", held("HOST_GUARD_CAPACITY")): "the most calls of a run",
    ("cli/src/intents/mod.rs", held("GUARD_CAPACITY")): "the most rows of a list",
    ("cli/src/intents/print.rs", "the code accepted"): "when an intent was accepted",
    (RECOVERY, "the status 400 in Parameters.StateRetentionDays"): "days",
    (RECOVERY, "the status 400 in Parameters.FunctionLogRetentionDays"): "days",
    (RECOVERY, f"{DAY} in Resources.IntentQueue.Properties.MessageRetentionPeriod"): "valid_until of an intent",
    **{
        (RECOVERY, f"{held('SQS_MESSAGE_BYTES')} in Resources.{queue}.Properties.MaximumMessageSize"): (
            "the service's own limit of a message"
        )
        for queue in ("IntentQueue", "EventQueue")
    },
    **{("cli/src/demo/", f"the code {code}"): EXPECTED for code in codes(CORE)},
    **{
        (f"{place}.rs", f"the code {code}"): LOG
        for place in ("server/src/app/verdict_log", "server/src/metrics", "lambda-adapter/src/receiver")
        for code in ("accepted", "duplicate")
    },
}


def test_what_core_decides_is_said_nowhere_else() -> None:
    assert [str(copy) for copy in copies(ROOT, ALLOWED)] == []


def test_the_limits_that_are_looked_for_are_those_of_core() -> None:
    assert set(LIMITS) == set(limits(CORE).values()), limits(CORE)


@pytest.mark.parametrize(("place", "limit"), HELD.items(), ids=str)
def test_a_template_has_the_limit_of_core(place: tuple[str, str], limit: str) -> None:
    file, where = place
    found = copies_in_lines(file, (ROOT / file).read_text(), set(), set())
    assert f"{held(limit)} in {where}" in [copy.what for copy in found]


@pytest.mark.parametrize("allowed", ALLOWED, ids=str)
def test_nothing_is_allowed_in_a_file_that_is_gone(allowed: tuple[str, str]) -> None:
    assert (ROOT / allowed[0]).exists()


@pytest.mark.parametrize(
    ("planted", "what"),
    [
        ('let code = "secret_unavailable";', "the code secret_unavailable"),
        ('let told = "refused: secret_unavailable, try later";', "the code secret_unavailable"),
        ('return (200, "duplicate");', "the code duplicate"),
        ("let answer = respond(503, why);", "the status 503"),
        ("const GONE: u16 = 0x194;", "the status 404"),
        ("let refused = 400 + 13;", "the status 413"),
        ('headers.get("X-Sinch-Webhook-Signature-Nonce")', "the header x-sinch-webhook-signature-nonce"),
        ("const OLDEST: u64 = 86_400;", "the greatest age of a callback, 86400"),
        ("const OLDEST: u64 = 24 * 60 * 60;", "the greatest age of a callback, 86400"),
        ("const OLDEST: u64 = (24 * 3_600);", "the greatest age of a callback, 86400"),
        ("const MOST: usize = 2 * 1024 * 1024;", "the largest body of serve, 2097152"),
        ("const MOST: usize = 2 << 20;", "the largest body of serve, 2097152"),
        ("const MOST: usize = 6 * 1_048_576;", "the largest body on AWS, 6291456"),
        ("let last = 22 * 3_600 + 45 * 60;", "the retry schedule"),
        ("let last = 81_915;", "the retry schedule"),
        ("const FAR: u64 = 5 * 60;", "the window of a verifier by itself, 300"),
        ("const SOME: usize = 10_000;", "the capacity of a guard, 10000"),
        ("const MANY: usize = 100 * 1_000;", "the capacity of a host's guard, 100000"),
        ('#[arg(default_value = "86400")]', "the greatest age of a callback, 86400"),
        ('#[arg(default_value = "503")]', "the status 503"),
        ("const RETRIES: u32 = 14;", "the retry schedule"),
        ("for attempt in 0..14 {", "the retry schedule"),
        ('return respond({ status: 503, code: "request_broken" });', "the status 503"),
        ("return `refused: request_broken (${why})`;", "the code request_broken"),
    ],
)
def test_a_planted_copy_is_found(planted: str, what: str) -> None:
    text = f"//! A module.\n\nfn host() {{\n    {planted}\n}}\n"
    found = [copy for copy in copies_in("host.rs", text, codes(CORE), header_names(CORE)) if copy.what == what]
    assert [copy.line for copy in found] == [4], found


@pytest.mark.parametrize(
    ("name", "planted", "what"),
    [
        (AWS, "    Default: 86400", "the greatest age of a callback, 86400 in Parameters.Some.Default"),
        (AWS, '    Default: "2097152"', "the largest body of serve, 2097152 in Parameters.Some.Default"),
        (AWS, "    MinValue: 10000", "the capacity of a guard, 10000 in Parameters.Some.MinValue"),
        (AWS, "    Default: 503", "the status 503 in Parameters.Some.Default"),
        (AWS, "    Description: 503 secret_unavailable", "the code secret_unavailable in Parameters.Some.Description"),
        ("scripts/some", "curl -H 'X-Sinch-Webhook-Signature: x'", "the header x-sinch-webhook-signature"),
        ("scripts/some", "age=$((24 * 60 * 60))", "the greatest age of a callback, 86400"),
        ("scripts/some", '[ "$code" = request_broken ] # as told', "the code request_broken"),
        ("scripts/some", "if status == 413:", "the status 413"),
        ("scripts/some", "LAST = 22 * 3_600 + 45 * 60", "the retry schedule"),
    ],
)
def test_a_copy_planted_in_a_template_or_a_script_is_found(name: str, planted: str, what: str) -> None:
    text = f"Parameters:\n  Some:\n{planted}\n"
    found = [copy for copy in copies_in_lines(name, text, codes(CORE), header_names(CORE)) if copy.what == what]
    assert [copy.line for copy in found] == [3], found


@pytest.mark.parametrize(
    "harmless",
    [
        "# Answers 503 secret_unavailable after 24 * 60 * 60 seconds.",
        "      Period: 300",
        "    Description: Sinch retries what is answered 503",
        'began = "09"',
        "seconds = 86_401",
    ],
)
def test_what_is_no_copy_in_a_template_or_a_script_is_left_alone(harmless: str) -> None:
    assert not list(copies_in_lines(AWS, harmless, codes(CORE), header_names(CORE)))


@pytest.mark.parametrize(
    "harmless",
    [
        "// Answers 503 secret_unavailable after 24 * 60 * 60 seconds.",
        "const MONTH: u64 = 30 * 24 * 60 * 60;",
        'tracing::warn!("the callback is accepted");',
        'let header = "x-sinch-webhook-signature-of-tomorrow";',
        "let hundred = name_of_503();",
        "let width = 1_503.5;",
        '#[cfg(test)]\nmod tests {\n    const TOLD: (u16, &str) = (503, "secret_unavailable");\n}',
    ],
)
def test_what_is_no_copy_is_left_alone(harmless: str) -> None:
    assert not list(copies_in("host.rs", harmless, codes(CORE), header_names(CORE)))
