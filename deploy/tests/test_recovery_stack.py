"""scripts/deploy --recovery with the real AWS CLI, against ministack: the stack is made, kept, and removed."""

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

import account as accounts
from account import HOME, REGION

KEY = ("--access-key-parameter", "/sinch/access-key")
NEW = ("--recovery", "--project", "project", "--app", "app", *KEY)
STACK = "sinch-callback-recovery"
SWITCH = f"/{STACK}/switch"


class Account(accounts.Account):
    STACKS = (("sinch-callback", HOME), (STACK, HOME))

    def switch(self, said: str) -> None:
        self.aws("ssm", HOME).put_parameter(Name=SWITCH, Value=said, Overwrite=True)

    def says(self) -> str:
        return self.aws("ssm", HOME).get_parameter(Name=SWITCH)["Parameter"]["Value"]

    def variables(self) -> dict[str, str]:
        """What the recovery function has in its environment."""
        name = self.outputs(STACK)["RecoveryFunctionName"]
        return self.aws("lambda", HOME).get_function_configuration(FunctionName=name)["Environment"]["Variables"]


@pytest.fixture(name="account", scope="module")
def fixture_account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    account = Account(tmp_path_factory.mktemp("account"), "deploy/recovery.yaml")
    yield account
    account.cloud.stop()
    assert account.cloud.processes() == []


def test_what_is_missing_is_told_before_anything_is_made(account: Account) -> None:
    ran = account.deploy(*NEW)
    assert ran.returncode == 1 and "there is no SecureString parameter /sinch/access-key" in ran.stderr, ran.stderr
    assert 'read -rsp "KEY_ID:KEY_SECRET: "' in ran.stderr
    account.aws("ssm", HOME).put_parameter(Name="/sinch/access-key", Type="SecureString", Value="made-up:made-up")
    ran = account.deploy("--recovery", "--project", "project", *KEY)
    assert ran.returncode == 1 and "a new one needs --app" in ran.stderr, ran.stderr
    with pytest.raises(ClientError, match="does not exist"):
        account.stack("sinch-callback")


def test_both_stacks_know_each_other_and_nothing_is_sent_yet(account: Account) -> None:
    ses = account.aws("sesv2", HOME)
    ses.create_email_identity(EmailIdentity="example.com")
    ran = account.deployed(*NEW, "--email-from", "code@example.com")
    receiver, recovery = account.outputs("sinch-callback"), account.outputs(STACK)
    assert account.parameters("sinch-callback")["RecoveryQueueUrl"] == recovery["IntentQueueUrl"]
    found = account.variables()
    assert (found["TABLE_NAME"], found["QUEUE_URL"]) == (receiver["TableName"], receiver["QueueUrl"])
    assert (found["PROJECT_ID"], found["APP_ID"], found["SWITCH_PARAMETER"]) == ("project", "app", SWITCH)
    assert recovery["AlarmTopicArn"] == receiver["AlarmTopicArn"]
    assert account.says() == "off"
    assert f"put-parameter --overwrite --name {SWITCH} --value dry-run" in ran.stdout
    assert "MESSAGE_DELIVERY, MESSAGE_SUBMIT, OPT_IN and OPT_OUT" in ran.stdout

    # The account has the identity, so it cannot be made.
    assert account.parameters(STACK)["NewEmailIdentity"] == "false"
    assert "get-email-identity --email-identity example.com" in ran.stdout
    assert (found["EMAIL_FROM"], found["EMAIL_CONFIGURATION_SET"]) == ("code@example.com", f"{STACK}-email")
    (told,) = ses.get_configuration_set_event_destinations(ConfigurationSetName=f"{STACK}-email")["EventDestinations"]
    assert set(told["MatchingEventTypes"]) == {"DELIVERY", "BOUNCE", "REJECT", "RENDERING_FAILURE"}


def test_what_was_switched_on_and_what_is_not_given_stays(account: Account) -> None:
    account.switch("on")
    email = ("--email-from", "code@new.example.com")
    account.deployed("--recovery", *email, "--recovery-set", "NewEmailIdentity=true", "--recovery-set", "PerHour=5")
    assert account.says() == "on"
    assert account.aws("sesv2", HOME).get_email_identity(EmailIdentity="new.example.com")

    # The identity is there, and it is the stack's own.
    account.deployed("--recovery", *email)
    assert account.parameters(STACK)["NewEmailIdentity"] == "true"
    found = account.variables()
    assert (found["PROJECT_ID"], found["PER_HOUR"], found["EMAIL_FROM"]) == ("project", "5", "code@new.example.com")
    assert account.parameters("sinch-callback")["RecoveryQueueUrl"] == account.outputs(STACK)["IntentQueueUrl"]


def test_it_is_removed_once_it_is_off_and_what_was_accepted_stays(account: Account) -> None:
    ran = account.run("--remove-recovery", "--region", REGION)
    assert ran.returncode == 1 and f"--name {SWITCH} --value off" in ran.stderr, ran.stdout + ran.stderr
    recovery = account.outputs(STACK)
    account.switch("off")
    ran = account.run("--remove-recovery", "--region", REGION)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    with pytest.raises(ClientError, match="does not exist"):
        account.stack(STACK)
    assert account.parameters("sinch-callback")["RecoveryQueueUrl"] == ""
    table = recovery["RecoveryTableName"]
    assert f"ExistingTableName={table}" in ran.stdout
    account.aws("dynamodb", HOME).describe_table(TableName=table)
    sqs = account.aws("sqs", HOME)
    for url in (recovery["IntentQueueUrl"], recovery["EventQueueUrl"]):
        assert url in ran.stdout
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])

    ran = account.run("--remove-recovery", "--region", REGION)
    assert ran.returncode == 0 and "there is no stack" in ran.stdout
    account.deployed(*NEW, "--recovery-set", f"ExistingTableName={table}")
    assert account.variables()["RECOVERY_TABLE_NAME"] == table
