"""scripts/deploy against an `aws` that writes down what it is asked (fake/aws), and scripts/build-lambda's zips."""

import base64
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import zipfile

import endpoints as endpoint_rules
import pytest

from cloudformation import load

ROOT = pathlib.Path(__file__).parents[2]
FAKE = pathlib.Path(__file__).parent / "fake"
ENOUGH = ["--bucket", "code", "--secret-parameter", "/sinch/current"]
RECOVERY = [*ENOUGH, "--recovery"]
EDGE = [*ENOUGH, "--edge", "--region", "eu-central-1"]
CLOUDFRONT = "arn:aws:cloudfront::123456789012:distribution/E1EXAMPLE"


class Checkout:
    """A copy of what the scripts need, with a build that only writes down that it was asked."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.calls_file = folder / "calls"
        for name in (
            "scripts/deploy",
            "scripts/build-lambda",
            "deploy/template.yaml",
            "deploy/edge.yaml",
            "deploy/recovery.yaml",
            "deploy/endpoints.py",
        ):
            (folder / name).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, folder / name)

    def program(self, path: str, text: str) -> None:
        program = self.folder / path
        program.parent.mkdir(exist_ok=True)
        program.write_text("#!/bin/sh\n" + text, encoding="utf-8")
        program.chmod(0o755)

    def fake_build(self) -> None:
        self.program(
            "scripts/build-lambda",
            'echo "[\\"build\\", \\"$2\\"]" >>"$FAKE_CALLS"\n'
            'mkdir -p "target/lambda/$2"\n'
            'touch "target/lambda/$2/receiver.zip" "target/lambda/$2/processor.zip"\n',
        )
        self.program(
            "scripts/build-edge",
            'echo "[\\"build-edge\\", \\"$*\\"]" >>"$FAKE_CALLS"\n'
            "mkdir -p target/edge edge/dist/cloudfront\n"
            'printf %s "${FAKE_CODE:-code}" >target/edge/origin-request.zip\n'
            "printf %s schemes >target/edge/origin-request-schemes.zip\n"
            "printf '%s\\n' '  // indented: \"quoted\" # and: not YAML' 'function handler(event) {' '  return 1;' '}' "
            ">edge/dist/cloudfront/prefilter.js\n",
        )

    def run(
        self, script: str, *arguments: str, path: str | pathlib.Path = FAKE, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        defaults = {
            "FAKE_CALLS": str(self.calls_file),
            "FAKE_PARAMETERS": "/sinch/current older",
            "FAKE_STACK": "false ",
            "FAKE_SETTINGS": "3600 1000 401 /sinch/current,older ",
        }
        return subprocess.run(
            [self.folder / "scripts" / script, *arguments],
            env={"PATH": f"{path}:{os.environ['PATH']}", "HOME": str(self.folder)} | defaults | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def calls(self) -> list[list[str]]:
        return (
            [json.loads(line) for line in self.calls_file.read_text().splitlines()] if self.calls_file.exists() else []
        )


@pytest.fixture(name="checkout")
def fixture_checkout(tmp_path: pathlib.Path) -> Checkout:
    checkout = Checkout(tmp_path)
    checkout.fake_build()
    return checkout


def test_public_receiver_is_built_deployed_and_its_url_named(checkout: Checkout) -> None:
    ran = checkout.run("deploy", *ENOUGH, "--public-url", "--region", "eu-central-1", FAKE_STACK="true ")
    assert ran.returncode == 0, ran.stderr
    who, secrets, concurrency, exists, build, package, deploy, outputs = checkout.calls()
    assert who[:4] == ["--region", "eu-central-1", "sts", "get-caller-identity"]
    assert secrets[2:6] == ["ssm", "get-parameters", "--names", "/sinch/current"]
    assert "--with-decryption" not in secrets
    assert concurrency[2:4] == ["lambda", "get-account-settings"] and "WARNING" not in ran.stderr
    assert exists[2:4] == ["cloudformation", "describe-stacks"]
    assert build == ["build", "arm64"]
    assert package[2:4] == ["cloudformation", "package"] and package[package.index("--s3-bucket") + 1] == "code"
    assert deploy[2:] == [
        "cloudformation",
        "deploy",
        "--template-file",
        "target/deploy/packaged.yaml",
        "--stack-name",
        "sinch-callback",
        "--s3-bucket",
        "code",
        "--s3-prefix",
        "sinch-callback",
        "--capabilities",
        "CAPABILITY_IAM",
        "--no-fail-on-empty-changeset",
        "--parameter-overrides",
        "Architecture=arm64",
        "SecretParameterNames=/sinch/current",
        "PublicUrl=true",
    ]
    assert outputs[2:6] == ["cloudformation", "describe-stacks", "--stack-name", "sinch-callback"]
    assert "target    https://abc.lambda-url.eu-central-1.on.aws/\n" in ran.stdout
    assert "triggers  MESSAGE_DELIVERY at least\n" in ran.stdout
    assert "secret    the value of /sinch/current\n" in ran.stdout
    assert "sns subscribe --topic-arn arn:aws:sns:eu-central-1:123456789012:alarms " in ran.stdout


@pytest.mark.parametrize("distribution, now", [("", "now: none"), (CLOUDFRONT, f"now: {CLOUDFRONT}")])
def test_url_that_only_cloudfront_may_call_is_not_offered_to_sinch(
    checkout: Checkout, distribution: str, now: str
) -> None:
    ran = checkout.run("deploy", *ENOUGH, FAKE_STACK=f"false {distribution}")
    assert ran.returncode == 0, ran.stderr
    assert "AWS_IAM" in ran.stdout and now in ran.stdout
    assert "Its origin is abc.lambda-url.eu-central-1.on.aws\n" in ran.stdout
    assert "target    https://abc" not in ran.stdout


def test_options_become_parameters_and_others_stay_as_they_are(checkout: Checkout) -> None:
    topic, key = "arn:aws:sns:eu-central-1:123456789012:alarms", "arn:aws:kms:eu-central-1:123456789012:key/made-up"
    ran = checkout.run(
        "deploy",
        *ENOUGH,
        "--secret-parameter",
        "older",
        "--secret-key",
        key,
        "--stack",
        "mine",
        "--arch",
        "x86_64",
        "--distribution",
        CLOUDFRONT,
        "--alarm-topic",
        topic,
        "--set",
        "MaxAgeSeconds=3600",
    )
    assert ran.returncode == 0, ran.stderr
    deploy = next(call for call in checkout.calls() if "deploy" in call)
    assert deploy[deploy.index("--stack-name") + 1] == "mine"
    assert deploy[deploy.index("--parameter-overrides") + 1 :] == [
        "Architecture=x86_64",
        "SecretParameterNames=/sinch/current,older",
        f"SecretKeyArn={key}",
        f"DistributionArn={CLOUDFRONT}",
        f"AlarmTopicArn={topic}",
        "MaxAgeSeconds=3600",
    ]
    assert (checkout.folder / "target/deploy/packaged.yaml").read_text().count("Code: ../lambda/x86_64/") == 3


VOICE = {"path": "/voice", "scheme": "application", "secrets": ["/sinch/voice"], "key": "made-up"}


def endpoints(checkout: Checkout, *found: object) -> list[str]:
    file = checkout.folder / "endpoints.json"
    file.write_text(json.dumps(list(found), indent=2), encoding="utf-8")
    return ["--endpoints", str(file)]


def test_endpoints_are_given_with_what_the_role_may_read_for_them(checkout: Checkout) -> None:
    numbers = {"path": "/numbers", "scheme": "numbers", "secrets": ["current", "/sinch/voice"]}
    options = endpoints(checkout, VOICE, numbers)
    ran = checkout.run("deploy", *ENOUGH, *options, FAKE_PARAMETERS="/sinch/current /sinch/voice current")
    assert ran.returncode == 0, ran.stderr
    given = overrides(next(call for call in checkout.calls() if "deploy" in call))
    assert json.loads(given["Endpoints"]) == [VOICE, numbers] and " " not in given["Endpoints"]
    prefix = "arn:aws:ssm:eu-central-1:123456789012:parameter"
    assert given["EndpointParameterArns"] == f"{prefix}/sinch/voice,{prefix}/current"
    parameters = load(ROOT / "deploy/template.yaml")["Parameters"]
    assert re.fullmatch(parameters["EndpointParameterArns"]["AllowedPattern"], given["EndpointParameterArns"])
    assert len(given["Endpoints"]) <= parameters["Endpoints"]["MaxLength"]
    assert "Each endpoint's callbacks go to the host of https://" in ran.stdout
    assert "secret    the value of /sinch/current\n" in ran.stdout


def test_endpoints_are_enough(checkout: Checkout) -> None:
    options = ["--bucket", "code", *endpoints(checkout, VOICE)]
    ran = checkout.run("deploy", *options, FAKE_PARAMETERS="/sinch/voice", FAKE_STACK="true  ")
    assert ran.returncode == 0, ran.stderr
    # In a stack that exists, they stay what they are.
    assert "SecretParameterNames" not in overrides(deployments(checkout)[0])
    assert "Each endpoint's callbacks go to the host of https://" in ran.stdout
    assert "Conversation" not in ran.stdout and "the value of" not in ran.stdout
    ran = checkout.run("deploy", *options, "--set", "SecretParameterNames=", FAKE_PARAMETERS="/sinch/voice")
    assert ran.returncode == 0 and overrides(deployments(checkout)[-1])["SecretParameterNames"] == ""


def test_endpoints_are_taken_away_by_none(checkout: Checkout) -> None:
    ran = checkout.run("deploy", *ENOUGH, *endpoints(checkout))
    assert ran.returncode == 0, ran.stderr
    given = overrides(next(call for call in checkout.calls() if "deploy" in call))
    assert (given["Endpoints"], given["EndpointParameterArns"]) == ("", "")


def test_secret_of_an_endpoint_that_is_not_there_stops_before_the_build(checkout: Checkout) -> None:
    ran = checkout.run("deploy", *ENOUGH, *endpoints(checkout, VOICE))
    assert ran.returncode == 1 and "there is no SecureString parameter /sinch/voice" in ran.stderr
    assert not any("build" in call for call in checkout.calls())


@pytest.mark.parametrize(
    "found, told",
    [
        ([VOICE, VOICE], "/voice: two endpoints have this path: leave one off"),
        ([VOICE | {"scheme": "fax"}], '/voice: there is no scheme "fax"; there are conversation, numbers, '),
        ([VOICE | {"key": None}], "/voice: callbacks of the scheme application name a key: give its id"),
        ([VOICE | {"scheme": "numbers"}], "/voice: callbacks of the scheme numbers name no key: leave its id off"),
        ([VOICE | {"secret": "/a"}], "/voice: there is no secret; there are key, path, "),
        ([VOICE | {"secrets": []}], "/voice: secrets takes one to four names"),
        ([VOICE | {"secrets": ["/a:3"]}], "/voice: secrets takes one to four names"),
        ([VOICE | {"secrets": ["a", "b", "c", "d", "e"]}], "/voice: secrets takes one to four names"),
        ([VOICE | {"path": "voice"}], '"voice" is no path: it begins with /'),
        ([VOICE | {"public_path": "/a?b"}], '"/a?b" is no path: it begins with /'),
        (["/voice"], "they are no JSON array as "),
        ([VOICE | {"key": "7" * 3000}], "characters of JSON, of at most 3000"),
    ],
)
def test_endpoints_that_the_receiver_would_refuse_stop_before_anything(
    checkout: Checkout, found: list[object], told: str
) -> None:
    ran = checkout.run("deploy", *ENOUGH, *endpoints(checkout, *found))
    assert ran.returncode == 2 and told in ran.stderr, ran.stderr
    assert checkout.calls() == []


def test_endpoints_have_an_option_of_their_own(checkout: Checkout) -> None:
    ran = checkout.run("deploy", *ENOUGH, "--set", "Endpoints=[]")
    assert ran.returncode == 2 and "--set Endpoints has an option of its own" in ran.stderr


ENDPOINTS_OF_A_STACK = {
    "FAKE_ENDPOINTS": json.dumps([VOICE, VOICE | {"path": "/a path"}]),
    "FAKE_ENDPOINT_ARNS": "arn:aws:ssm:eu-central-1:123456789012:parameter/sinch/voice",
}


def test_edge_takes_the_endpoints_of_the_receivers_stack(checkout: Checkout) -> None:
    ran = checkout.run("deploy", *EDGE, **ENDPOINTS_OF_A_STACK)
    assert ran.returncode == 0, ran.stderr
    given = overrides(deployments(checkout)[1])
    assert given["Endpoints"] == ENDPOINTS_OF_A_STACK["FAKE_ENDPOINTS"]
    assert given["EndpointParameterArns"] == ENDPOINTS_OF_A_STACK["FAKE_ENDPOINT_ARNS"]
    # The prefilter lets them by, and the function knows their schemes.
    (build,) = (call for call in checkout.calls() if call[0] == "build-edge")
    assert build[1] == "--max-age-seconds 3600 --max-body-bytes 1000 --endpoint /voice --endpoint /a path"
    packaged = load(checkout.folder / "target/deploy/packaged-edge.yaml")
    assert packaged["Resources"]["EdgeFunction"]["Properties"]["Code"] == "../edge/origin-request-schemes.zip"
    assert given["EdgeCode"] == base64.b64encode(hashlib.sha256(b"schemes").digest()).decode()


def test_endpoints_at_an_edge_fit_into_a_header(checkout: Checkout) -> None:
    found = [VOICE | {"key": "7" * 1720}]
    ran = checkout.run("deploy", *EDGE, *endpoints(checkout, *found))
    assert ran.returncode == 2 and "characters of JSON, of at most 1783" in ran.stderr
    assert checkout.calls() == []
    parameters = "/sinch/current /sinch/voice"
    assert checkout.run("deploy", *ENOUGH, *endpoints(checkout, *found), FAKE_PARAMETERS=parameters).returncode == 0


def test_schemes_are_those_of_core() -> None:
    text = (ROOT / "core/src/scheme/name.rs").read_text(encoding="utf-8")
    names = set(re.findall(r'^        [A-Z]\w+ = "([a-z-]+)"', text, re.MULTILINE))
    (naming,) = re.findall(r"fn names_key\(self\) -> bool \{\s*matches!\(self, ([^)]*)\)", text)
    with_key = {re.sub(r"(?<!^)(?=[A-Z])", "-", word).lower() for word in re.findall(r"Self::(\w+)", naming)}
    assert names and with_key <= names
    assert {name: name in with_key for name in names} == endpoint_rules.SCHEMES


def test_secret_that_is_not_there_stops_before_the_build_and_says_how_to_make_it(checkout: Checkout) -> None:
    ran = checkout.run("deploy", *ENOUGH, "--secret-parameter", "missing", "--region", "eu-central-1")
    assert ran.returncode == 1
    assert "there is no SecureString parameter missing" in ran.stderr
    assert (
        "aws --region eu-central-1 ssm put-parameter --name missing --type SecureString --value file://secret.txt"
        in ran.stderr
    )
    assert [call[2:4] for call in checkout.calls()] == [["sts", "get-caller-identity"], ["ssm", "get-parameters"]]


def test_name_is_not_a_pattern_for_another(checkout: Checkout) -> None:
    ran = checkout.run("deploy", *ENOUGH, "--secret-parameter", "/sinch/curren.")
    assert ran.returncode == 1 and "no SecureString parameter /sinch/curren." in ran.stderr


def test_credentials_that_aws_does_not_take_stop_it(checkout: Checkout) -> None:
    ran = checkout.run("deploy", *ENOUGH, FAKE_NO_CREDENTIALS="yes")
    assert ran.returncode == 1
    assert "aws configure" in ran.stderr and "Unable to locate credentials" in ran.stderr
    assert len(checkout.calls()) == 1


def test_machine_without_the_aws_command_is_told_so(checkout: Checkout) -> None:
    few = checkout.folder / "few"
    few.mkdir()
    for name in ("bash", "dirname"):
        (few / name).symlink_to(shutil.which(name) or name)
    ran = checkout.run("deploy", *ENOUGH, PATH=str(few))
    assert ran.returncode == 1 and "there is no aws command" in ran.stderr


def test_dry_run_prints_the_commands_and_runs_none(checkout: Checkout) -> None:
    ran = checkout.run("deploy", *ENOUGH, "--dry-run")
    assert ran.returncode == 0, ran.stderr
    assert [line.split()[:3] for line in ran.stdout.splitlines()] == [
        ["scripts/build-lambda", "--arch", "arm64"],
        ["aws", "cloudformation", "package"],
        ["aws", "cloudformation", "deploy"],
    ]
    assert checkout.calls() == []


def test_what_was_not_built_is_not_deployed(checkout: Checkout) -> None:
    ran = checkout.run("deploy", *ENOUGH, "--no-build")
    assert ran.returncode == 1 and "there is no target/lambda/arm64/receiver.zip" in ran.stderr


def test_deployment_that_failed_names_no_url(checkout: Checkout) -> None:
    ran = checkout.run("deploy", *ENOUGH, FAKE_DEPLOY_STATUS="255")
    assert ran.returncode == 255 and "Sinch" not in ran.stdout


def overrides(call: list[str]) -> dict[str, str]:
    return dict(one.split("=", 1) for one in call[call.index("--parameter-overrides") + 1 :])


def deployments(checkout: Checkout) -> list[list[str]]:
    return [call for call in checkout.calls() if "deploy" in call]


def test_edge_is_put_in_front_and_each_stack_told_of_the_other(checkout: Checkout) -> None:
    ran = checkout.run("deploy", *EDGE)
    assert ran.returncode == 0, ran.stderr
    receiver, edge, again = deployments(checkout)
    assert [call[call.index("--region") + 1] for call in (receiver, edge, again)] == [
        "eu-central-1",
        "us-east-1",
        "eu-central-1",
    ]
    assert [call[call.index("--stack-name") + 1] for call in (receiver, edge, again)] == [
        "sinch-callback",
        "sinch-callback-edge",
        "sinch-callback",
    ]
    given = overrides(edge)
    code = base64.b64encode(hashlib.sha256(b"code").digest()).decode()
    assert given.pop("EdgeCode") == code
    assert re.fullmatch("[0-9a-f]{16}", given.pop("EdgeRevision"))
    assert given == {
        "ReceiverUrlHost": "abc.lambda-url.eu-central-1.on.aws",
        "ReceiverFunctionName": "receiver-1ABC",
        "SecretRegion": "eu-central-1",
        "SecretParameterNames": "/sinch/current,older",
        "Endpoints": "",
        "EndpointParameterArns": "",
        "SecretKeyArn": "",
        "MaxAgeSeconds": "3600",
        "MaxBodyBytes": "1000",
        "OnSignatureMismatch": "401",
    }
    assert overrides(again) == {"DistributionArn": "arn:aws:cloudfront::123456789012:distribution/E2EDGE"}
    assert ["build-edge", "--max-age-seconds 3600 --max-body-bytes 1000"] in checkout.calls()
    assert "target    https://d1.cloudfront.net/callbacks\n" in ran.stdout
    assert "lambda-url" not in ran.stdout
    assert (
        "aws --region us-east-1 sns subscribe --topic-arn arn:aws:sns:us-east-1:123456789012:edge-alarms " in ran.stdout
    )


def test_every_parameter_of_the_edge_that_has_no_default_is_given(checkout: Checkout) -> None:
    assert checkout.run("deploy", *EDGE).returncode == 0
    needed = {name for name, p in load(ROOT / "deploy/edge.yaml")["Parameters"].items() if "Default" not in p}
    given = overrides(deployments(checkout)[1])
    assert needed <= given.keys() <= load(ROOT / "deploy/edge.yaml")["Parameters"].keys()
    for name, value in given.items():
        pattern = load(ROOT / "deploy/edge.yaml")["Parameters"][name].get("AllowedPattern", ".*")
        assert re.fullmatch(pattern, value), (name, value)


def test_prefilters_code_stands_in_the_template_as_it_was_built(checkout: Checkout) -> None:
    assert checkout.run("deploy", *EDGE).returncode == 0
    packaged = load(checkout.folder / "target/deploy/packaged-edge.yaml")
    code = (checkout.folder / "edge/dist/cloudfront/prefilter.js").read_text()
    assert packaged["Resources"]["Prefilter"]["Properties"]["FunctionCode"] == code
    assert packaged["Resources"]["EdgeFunction"]["Properties"]["Code"] == "../edge/origin-request.zip"


def test_revision_follows_the_code_and_the_template_and_nothing_else(checkout: Checkout) -> None:
    def revision(**environment: str) -> tuple[str, str]:
        checkout.calls_file.unlink(missing_ok=True)
        assert checkout.run("deploy", *EDGE, **environment).returncode == 0
        given = overrides(deployments(checkout)[1])
        return given["EdgeRevision"], given["EdgeCode"]

    first = revision()
    assert revision(FAKE_SETTINGS="7200 1000 401 /sinch/current,older ") == first
    other_code = revision(FAKE_CODE="other")
    assert other_code[0] != first[0] and other_code[1] != first[1]
    template = checkout.folder / "deploy/edge.yaml"
    template.write_text(template.read_text().replace("MemorySize: 128", "MemorySize: 256"))
    other_template = revision()
    assert other_template[0] != first[0] and other_template[1] == first[1]


def test_edges_bucket_has_to_be_in_us_east_1_and_is_looked_at_before_anything_is_built(checkout: Checkout) -> None:
    ran = checkout.run("deploy", *EDGE, FAKE_BUCKET_REGION="eu-central-1")
    assert ran.returncode == 1
    assert "the bucket code is in eu-central-1" in ran.stderr and "aws s3 mb s3://NAME --region us-east-1" in ran.stderr
    assert not any("build" in call or "package" in call or "deploy" in call for call in checkout.calls())


def test_edge_has_a_bucket_and_settings_of_its_own(checkout: Checkout) -> None:
    ran = checkout.run("deploy", *EDGE, "--edge-bucket", "far", "--edge-set", "GuardCapacity=5")
    assert ran.returncode == 0, ran.stderr
    package = [call for call in checkout.calls() if "package" in call]
    assert [call[call.index("--s3-bucket") + 1] for call in package] == ["code", "far"]
    assert overrides(deployments(checkout)[1])["GuardCapacity"] == "5"


def test_url_stays_open_until_sinch_has_the_new_target(checkout: Checkout) -> None:
    ran = checkout.run("deploy", *EDGE, FAKE_STACK="true ")
    assert ran.returncode == 0, ran.stderr
    assert all("PublicUrl" not in overrides(call) for call in deployments(checkout))
    assert "--set PublicUrl=false" in ran.stdout and "target    https://d1.cloudfront.net/callbacks\n" in ran.stdout


def test_dry_run_of_the_edge_prints_the_commands_and_runs_none(checkout: Checkout) -> None:
    ran = checkout.run("deploy", *EDGE, "--dry-run")
    assert ran.returncode == 0, ran.stderr
    lines = [line.split() for line in ran.stdout.splitlines()]
    assert [line[:1] + line[3:5] if line[0] == "aws" else line[:1] for line in lines] == [
        ["scripts/build-lambda"],
        ["aws", "cloudformation", "package"],
        ["aws", "cloudformation", "deploy"],
        *[["aws", "logs", "put-retention-policy"]] * 6,
        ["scripts/build-edge"],
        ["aws", "cloudformation", "package"],
        ["aws", "cloudformation", "deploy"],
        ["aws", "cloudformation", "deploy"],
    ]
    assert checkout.calls() == []


def test_dry_run_of_recovery_prints_the_commands_and_runs_none(checkout: Checkout) -> None:
    ran = checkout.run("deploy", *RECOVERY, "--email-from", "code@example.com", "--dry-run")
    assert ran.returncode == 0, ran.stderr
    assert [line.split()[:3] for line in ran.stdout.splitlines()] == [
        ["scripts/build-lambda", "--arch", "arm64"],
        *[["aws", "cloudformation", "package"], ["aws", "cloudformation", "deploy"]] * 2,
        ["aws", "cloudformation", "deploy"],
    ]
    assert ran.stdout.splitlines()[-1].endswith("--parameter-overrides RecoveryQueueUrl=QUEUE ")
    assert checkout.calls() == []


@pytest.mark.parametrize("found, warned", [("10", True), ("99", True), ("100", False), ("1000", False)])
def test_account_that_runs_few_functions_at_once_is_warned_of(checkout: Checkout, found: str, warned: bool) -> None:
    ran = checkout.run("deploy", *ENOUGH, FAKE_CONCURRENCY=found)
    assert ran.returncode == 0, ran.stderr
    assert (f"this account runs {found} functions at once" in ran.stderr) == warned


@pytest.mark.parametrize(
    "exists, kept",
    [
        (None, False),
        ("UPDATE_COMPLETE None", True),
        ("UPDATE_COMPLETE false", False),
        ("UPDATE_COMPLETE true", False),
        ("REVIEW_IN_PROGRESS None", False),
    ],
)
def test_stack_of_before_keeps_its_url_and_its_queues(checkout: Checkout, exists: str, kept: bool) -> None:
    ran = checkout.run("deploy", *ENOUGH, **({"FAKE_EXISTS": exists} if exists else {}))
    assert ran.returncode == 0, ran.stderr
    given = overrides(deployments(checkout)[0])
    # What is not given stays as it is.
    assert given.get("KeepFirstNames") == ("true" if kept else None)


def test_stack_with_a_name_of_46_characters_has_queues_that_sqs_takes(checkout: Checkout) -> None:
    name = "s" * 46
    assert checkout.run("deploy", *EDGE, "--stack", name).returncode == 0
    ran = checkout.run("deploy", *EDGE, "--stack", name + "s")
    assert ran.returncode == 2 and "has 47" in ran.stderr
    # SQS takes 80 characters, Lambda and CloudFront 64; CloudFormation adds twelve to what has no name.
    assert len(f"{name}-DeadLetterQueue-XXXXXXXXXXXX.fifo") <= 80
    assert len(f"{name}-dead-letters.fifo") <= 80
    assert len(f"{name}-edge-prefilter") <= 64


def test_edge_has_no_larger_body_than_cloudfront_shows_it(checkout: Checkout) -> None:
    assert checkout.run("deploy", *EDGE, FAKE_SETTINGS="3600 6291456 401 /sinch/current ").returncode == 0
    assert overrides(deployments(checkout)[1])["MaxBodyBytes"] == "1000000"
    assert ["build-edge", "--max-age-seconds 3600 --max-body-bytes 1000000"] in checkout.calls()


def test_edges_logs_have_an_end_in_each_region_that_is_open(checkout: Checkout) -> None:
    ran = checkout.run(
        "deploy",
        *EDGE,
        "--edge-log-days",
        "7",
        FAKE_REGION_IS_SHUT="us-west-2",
        FAKE_REGION_IS_NEW="eu-west-1",
    )
    assert ran.returncode == 0, ran.stderr
    kept = [call for call in checkout.calls() if "put-retention-policy" in call]
    # Where there is no group yet, it is made, and asked once more.
    assert [call[1] for call in kept] == [
        "us-east-1",
        "us-east-2",
        "us-west-2",
        "eu-west-1",
        "eu-west-1",
        "eu-west-2",
        "eu-central-1",
    ]
    made = [call for call in checkout.calls() if "create-log-group" in call]
    assert [call[1] for call in made] == ["eu-west-1"]
    for call in kept:
        assert call[2:] == [
            "logs",
            "put-retention-policy",
            "--log-group-name",
            "/aws/lambda/us-east-1.sinch-callback-edge-edge",
            "--retention-in-days",
            "7",
        ]
    assert "the edge's logs in us-west-2 have no end" in ran.stderr and "eu-west-1" not in ran.stderr
    calls = len(checkout.calls())
    assert checkout.run("deploy", *EDGE, "--edge-log-days", "0").returncode == 0
    assert not any("logs" in call for call in checkout.calls()[calls:])


def test_edge_is_not_deployed_while_a_removed_ones_function_is_there(checkout: Checkout) -> None:
    ran = checkout.run("deploy", *EDGE, FAKE_EDGE_FUNCTION="yes")
    assert ran.returncode == 1 and "scripts/deploy --remove-edge first" in ran.stderr
    assert deployments(checkout) == []
    assert checkout.run("deploy", *EDGE, FAKE_EDGE_FUNCTION="yes", FAKE_EDGE_STACK="yes").returncode == 0


def test_edge_that_was_not_built_is_not_deployed(checkout: Checkout) -> None:
    (checkout.folder / "target/lambda/arm64").mkdir(parents=True)
    for name in ("receiver", "processor"):
        (checkout.folder / f"target/lambda/arm64/{name}.zip").touch()
    ran = checkout.run("deploy", *EDGE, "--no-build")
    assert ran.returncode == 1 and "there is no target/edge/origin-request.zip" in ran.stderr
    assert len(deployments(checkout)) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--bucket", "code"],
        ["--secret-parameter", "a"],
        ["--bucket"],
        [*ENOUGH, "--arch", "mips"],
        [*ENOUGH, "--set", "MaxAgeSeconds"],
        [*ENOUGH, "--set", "Architecture=x86_64"],
        [*ENOUGH, "--secret-parameter", "a:3"],
        [*ENOUGH, "--secret-parameter", "a,b"],
        [*ENOUGH, *["--secret-parameter", "a"] * 4],
        [*ENOUGH, "--unknown", "value"],
        [*ENOUGH, "--set", f"DistributionArn={CLOUDFRONT}"],
        [*ENOUGH, "--edge-bucket", "far"],
        [*ENOUGH, "--edge-set", "GuardCapacity=5"],
        [*EDGE, "--public-url"],
        [*EDGE, "--distribution", CLOUDFRONT],
        [*EDGE, "--edge-set", "GuardCapacity"],
        [*EDGE, "--edge-set", "MaxAgeSeconds=1"],
        [*EDGE, "--edge-set", "EdgeRevision=1"],
        [*EDGE, "--edge-log-days", "a-month"],
        [*ENOUGH, "--stack", "s" * 47],
        [*ENOUGH, "--stack", "1st"],
        ["--remove-edge", *ENOUGH],
        ["--remove-edge", "--edge"],
        ["--remove-edge", "--set", "LogLevel=debug"],
        ["--remove-edge", "--remove-recovery"],
        ["--remove-recovery", "--recovery"],
        ["--remove-recovery", "--recovery-set", "PerHour=5"],
        [*ENOUGH, "--set", "RecoveryQueueUrl="],
        [*ENOUGH, "--project", "project"],
        [*ENOUGH, "--email-from", "code@example.com"],
        [*RECOVERY, "--email-from", "example.com"],
        [*RECOVERY, "--access-key-parameter", "a:3"],
        [*RECOVERY, "--recovery-set", "PerHour"],
        [*RECOVERY, "--recovery-set", "ProjectId=project"],
        [*RECOVERY, "--recovery-set", "TableName=elsewhere"],
        ["stray"],
    ],
    ids=" ".join,
)
def test_misuse_is_told_and_asks_nothing_of_aws(checkout: Checkout, arguments: list[str]) -> None:
    ran = checkout.run("deploy", *arguments)
    assert ran.returncode == 2 and ran.stderr.startswith("scripts/deploy: ")
    assert checkout.calls() == []


def test_zips_have_one_executable_and_the_same_bytes_each_time(tmp_path: pathlib.Path) -> None:
    checkout = Checkout(tmp_path)
    checkout.program("bin/cargo-lambda", "")
    checkout.program("bin/rustc", f"echo {ROOT}\n")
    checkout.program(
        "bin/cargo",
        "for out; do :; done\n"
        "for name in receiver processor; do\n"
        '    mkdir -p "$out/$name"; echo "$name" >"$out/$name/bootstrap"; touch -d "@$SEED" "$out/$name/bootstrap"\n'
        "done\n",
    )
    built = []
    for seed in ("1000000000", "1500000000"):
        ran = checkout.run("build-lambda", "--arch", "all", path=tmp_path / "bin", SEED=seed)
        assert ran.returncode == 0, ran.stderr
        zips = sorted((tmp_path / "target/lambda").rglob("*.zip"))
        assert len(zips) == 4
        built.append([path.read_bytes() for path in zips])
    assert built[0] == built[1]
    with zipfile.ZipFile(tmp_path / "target/lambda/arm64/receiver.zip") as archive:
        (entry,) = archive.infolist()
        assert (entry.filename, entry.external_attr >> 16, archive.read(entry)) == (
            "bootstrap",
            0o100755,
            b"receiver\n",
        )
