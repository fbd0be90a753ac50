"""scripts/deploy against an `aws` that writes down what it is asked (fake/aws), and scripts/build-lambda's zips."""

import json
import os
import pathlib
import shutil
import subprocess
import zipfile

import pytest

ROOT = pathlib.Path(__file__).parents[2]
FAKE = pathlib.Path(__file__).parent / "fake"
ENOUGH = ["--bucket", "code", "--secret-parameter", "/sinch/current"]
CLOUDFRONT = "arn:aws:cloudfront::123456789012:distribution/E1EXAMPLE"


class Checkout:
    """A copy of what the scripts need, with a build that only writes down that it was asked."""

    def __init__(self, folder):
        self.folder = folder
        self.calls_file = folder / "calls"
        for name in ("scripts/deploy", "scripts/build-lambda", "deploy/template.yaml"):
            (folder / name).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, folder / name)

    def program(self, path, text):
        program = self.folder / path
        program.parent.mkdir(exist_ok=True)
        program.write_text("#!/bin/sh\n" + text, encoding="utf-8")
        program.chmod(0o755)

    def fake_build(self):
        self.program(
            "scripts/build-lambda",
            'echo "[\\"build\\", \\"$2\\"]" >>"$FAKE_CALLS"\n'
            'mkdir -p "target/lambda/$2"\n'
            'touch "target/lambda/$2/receiver.zip" "target/lambda/$2/processor.zip"\n',
        )

    def run(self, script, *arguments, path=FAKE, **environment):
        defaults = {"FAKE_CALLS": str(self.calls_file), "FAKE_PARAMETERS": "/sinch/current older", "FAKE_STACK": "false "}
        return subprocess.run(
            [self.folder / "scripts" / script, *arguments],
            env={"PATH": f"{path}:{os.environ['PATH']}", "HOME": str(self.folder)} | defaults | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def calls(self):
        return [json.loads(line) for line in self.calls_file.read_text().splitlines()] if self.calls_file.exists() else []


@pytest.fixture(name="checkout")
def fixture_checkout(tmp_path):
    checkout = Checkout(tmp_path)
    checkout.fake_build()
    return checkout


def test_public_receiver_is_built_deployed_and_its_url_named(checkout):
    ran = checkout.run("deploy", *ENOUGH, "--public-url", "--region", "eu-central-1", FAKE_STACK="true ")
    assert ran.returncode == 0, ran.stderr
    who, secrets, build, package, deploy, outputs = checkout.calls()
    assert who[:4] == ["--region", "eu-central-1", "sts", "get-caller-identity"]
    assert secrets[2:6] == ["ssm", "get-parameters", "--names", "/sinch/current"]
    assert "--with-decryption" not in secrets
    assert build == ["build", "arm64"]
    assert package[2:4] == ["cloudformation", "package"] and package[package.index("--s3-bucket") + 1] == "code"
    assert deploy[2:] == [
        "cloudformation", "deploy", "--template-file", "target/deploy/packaged.yaml", "--stack-name", "sinch-callback",
        "--capabilities", "CAPABILITY_IAM", "--no-fail-on-empty-changeset",
        "--parameter-overrides", "SecretParameterNames=/sinch/current", "Architecture=arm64", "PublicUrl=true",
    ]
    assert outputs[2:6] == ["cloudformation", "describe-stacks", "--stack-name", "sinch-callback"]
    assert "target    https://abc.lambda-url.eu-central-1.on.aws/\n" in ran.stdout
    assert "triggers  MESSAGE_DELIVERY at least\n" in ran.stdout
    assert "secret    the value of /sinch/current\n" in ran.stdout
    assert "sns subscribe --topic-arn arn:aws:sns:eu-central-1:123456789012:alarms " in ran.stdout


@pytest.mark.parametrize("distribution, now", [("", "now: none"), (CLOUDFRONT, f"now: {CLOUDFRONT}")])
def test_url_that_only_cloudfront_may_call_is_not_offered_to_sinch(checkout, distribution, now):
    ran = checkout.run("deploy", *ENOUGH, FAKE_STACK=f"false {distribution}")
    assert ran.returncode == 0, ran.stderr
    assert "AWS_IAM" in ran.stdout and now in ran.stdout
    assert "Its origin is abc.lambda-url.eu-central-1.on.aws\n" in ran.stdout
    assert "target    https://abc" not in ran.stdout


def test_options_become_parameters_and_others_stay_as_they_are(checkout):
    topic, key = "arn:aws:sns:eu-central-1:123456789012:alarms", "arn:aws:kms:eu-central-1:123456789012:key/made-up"
    ran = checkout.run(
        "deploy", *ENOUGH, "--secret-parameter", "older", "--secret-key", key, "--stack", "mine", "--arch", "x86_64",
        "--distribution", CLOUDFRONT, "--alarm-topic", topic, "--set", "MaxAgeSeconds=3600",
    )
    assert ran.returncode == 0, ran.stderr
    deploy = next(call for call in checkout.calls() if "deploy" in call)
    assert deploy[deploy.index("--stack-name") + 1] == "mine"
    assert deploy[deploy.index("--parameter-overrides") + 1 :] == [
        "SecretParameterNames=/sinch/current,older", "Architecture=x86_64", f"SecretKeyArn={key}",
        f"DistributionArn={CLOUDFRONT}", f"AlarmTopicArn={topic}", "MaxAgeSeconds=3600",
    ]
    assert (checkout.folder / "target/deploy/packaged.yaml").read_text().count("Code: ../lambda/x86_64/") == 2


def test_secret_that_is_not_there_stops_before_the_build_and_says_how_to_make_it(checkout):
    ran = checkout.run("deploy", *ENOUGH, "--secret-parameter", "missing", "--region", "eu-central-1")
    assert ran.returncode == 1
    assert "there is no SecureString parameter missing" in ran.stderr
    assert "aws --region eu-central-1 ssm put-parameter --name missing --type SecureString --value file://secret.txt" in ran.stderr
    assert [call[2:4] for call in checkout.calls()] == [["sts", "get-caller-identity"], ["ssm", "get-parameters"]]


def test_name_is_not_a_pattern_for_another(checkout):
    ran = checkout.run("deploy", *ENOUGH, "--secret-parameter", "/sinch/curren.")
    assert ran.returncode == 1 and "no SecureString parameter /sinch/curren." in ran.stderr


def test_credentials_that_aws_does_not_take_stop_it(checkout):
    ran = checkout.run("deploy", *ENOUGH, FAKE_NO_CREDENTIALS="yes")
    assert ran.returncode == 1
    assert "aws configure" in ran.stderr and "Unable to locate credentials" in ran.stderr
    assert len(checkout.calls()) == 1


def test_machine_without_the_aws_command_is_told_so(checkout):
    few = checkout.folder / "few"
    few.mkdir()
    for name in ("bash", "dirname"):
        (few / name).symlink_to(shutil.which(name))
    ran = checkout.run("deploy", *ENOUGH, PATH=str(few))
    assert ran.returncode == 1 and "there is no aws command" in ran.stderr


def test_dry_run_prints_the_commands_and_runs_none(checkout):
    ran = checkout.run("deploy", *ENOUGH, "--dry-run")
    assert ran.returncode == 0, ran.stderr
    assert [line.split()[:3] for line in ran.stdout.splitlines()] == [
        ["scripts/build-lambda", "--arch", "arm64"], ["aws", "cloudformation", "package"], ["aws", "cloudformation", "deploy"],
    ]
    assert checkout.calls() == []


def test_what_was_not_built_is_not_deployed(checkout):
    ran = checkout.run("deploy", *ENOUGH, "--no-build")
    assert ran.returncode == 1 and "there is no target/lambda/arm64/receiver.zip" in ran.stderr


def test_deployment_that_failed_names_no_url(checkout):
    ran = checkout.run("deploy", *ENOUGH, FAKE_DEPLOY_STATUS="255")
    assert ran.returncode == 255 and "Sinch" not in ran.stdout


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
        ["stray"],
    ],
    ids=" ".join,
)
def test_misuse_is_told_and_asks_nothing_of_aws(checkout, arguments):
    ran = checkout.run("deploy", *arguments)
    assert ran.returncode == 2 and ran.stderr.startswith("scripts/deploy: ")
    assert checkout.calls() == []


def test_zips_have_one_executable_and_the_same_bytes_each_time(tmp_path):
    checkout = Checkout(tmp_path)
    checkout.program("bin/cargo-lambda", "")
    checkout.program("bin/rustc", f"echo {ROOT}\n")
    checkout.program(
        "bin/cargo",
        'for out; do :; done\n'
        'for name in receiver processor; do\n'
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
        entry, = archive.infolist()
        assert (entry.filename, entry.external_attr >> 16, archive.read(entry)) == ("bootstrap", 0o100755, b"receiver\n")
