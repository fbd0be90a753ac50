"""The rules hold, and each fails for what it is about: `BROKEN` has a twin of the template for it."""

import pathlib
import re
from typing import Any

import pytest

import rules
from cloudformation import load
from stacks import Template
from twins import (
    Broken,
    Change,
    add,
    changed,
    complaining,
    drop,
    lint,
    no_prop,
    prop,
    put,
    statement,
    suite_of,
)

TEMPLATE = pathlib.Path(__file__).parent.parent / "template.yaml"
GOOD = load(TEMPLATE)


def variable(function: str, name: str, to: Any) -> Change:
    return prop(function, "Environment", "Variables", name, to=to)


def secrets(text: str) -> Change:
    """A change of the list of parameters that may be read."""

    def change(template: Template) -> None:
        found = template["Resources"]["ReceiverRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
        (one,) = [s for s in (s["Fn::If"][1] if "Fn::If" in s else s for s in found) if s["Sid"] == "ReadSecrets"]
        one["Resource"]["Fn::Split"][1]["Fn::Join"][1]["Fn::Split"][1]["Fn::Sub"][0] = text

    return change


AFTER: list[str | int] = ["Resources", "ReceiverUrl", "Metadata", "After"]
FUNCTIONS_ROLE: list[str | int] = ["AssumeRolePolicyDocument", "Statement", 0, "Principal"]
INDEX: list[str | int] = ["GlobalSecondaryIndexes", 0, "Fn::If", 1]
DUES: list[str | int] = ["GlobalSecondaryIndexes", 1]
STRANGER = {
    "FunctionName": {"Ref": "ReceiverAlias"},
    "Principal": "123456789012",
    "Action": "lambda:InvokeFunction",
}
ANY_BUS = {"Fn::Sub": "arn:aws:events:${AWS::Region}:${AWS::AccountId}:event-bus/*"}
ELSEWHERE = "arn:aws:sqs:eu-central-1:123456789012:elsewhere"
OTHER = {"Fn::Sub": "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/other"}
SECURE_STRING = {"Type": "SecureString", "Value": "made-up"}

BROKEN: Broken = {
    rules.url_takes_signed_requests_alone_unless_it_is_public: {
        "always_public": prop("ReceiverUrl", "AuthType", to="NONE"),
        "never_public": prop("ReceiverUrl", "AuthType", to="AWS_IAM"),
    },
    rules.whoever_may_call_the_url_has_both_permissions_and_nobody_else_has_either: {
        "distribution_may_not_invoke": drop("Resources", "DistributionMayInvoke"),
        "distribution_may_not_use_the_url": drop("Resources", "DistributionMayUseUrl"),
        "everyone_may_not_invoke": drop("Resources", "EveryoneMayInvoke"),
        "everyone_may_not_use_the_url": drop("Resources", "EveryoneMayUseUrl"),
        "everyone_may_use_a_url_that_is_not_public": drop("Resources", "EveryoneMayUseUrl", "Condition"),
        "everyone_may_invoke_what_is_not_public": drop("Resources", "EveryoneMayInvoke", "Condition"),
        "everyone_may_invoke_without_the_url": no_prop("EveryoneMayInvoke", "InvokedViaFunctionUrl"),
        "every_distribution_may_invoke": no_prop("DistributionMayInvoke", "SourceArn"),
        "another_service_may_use_the_url": prop("DistributionMayUseUrl", "Principal", to="apigateway.amazonaws.com"),
        "a_stranger_may_invoke": add("Stranger", "AWS::Lambda::Permission", STRANGER),
        "what_the_url_does_not_stand_on": prop(
            "EveryoneMayUseUrl", "FunctionName", to={"Fn::GetAtt": ["ReceiverFunction", "Arn"]}
        ),
        "the_other_function": prop(
            "EveryoneMayInvoke", "FunctionName", to={"Fn::GetAtt": ["ProcessorFunction", "Arn"]}
        ),
    },
    rules.whoever_may_call_the_url_before_and_after_an_update_may_call_it_meanwhile: {
        "closed_before_the_distribution_may_use_it": drop(*AFTER, 0),
        "opened_before_everyone_may_use_it": drop(*AFTER, 2),
        "in_no_order": drop("Resources", "ReceiverUrl", "Metadata"),
    },
    rules.the_url_stands_on_an_alias_unless_it_stood_elsewhere: {
        "on_the_function": no_prop("ReceiverUrl", "Qualifier"),
        "moved_in_a_stack_that_exists": prop("ReceiverUrl", "Qualifier", to="live"),
        "on_another": prop("ReceiverAlias", "Name", to="canary"),
        "too_soon": drop("Resources", "ReceiverUrl", "DependsOn"),
    },
    rules.the_watcher_looks_each_minute_and_is_invoked_by_its_schedule_alone: {
        "each_hour": prop("WatcherSchedule", "ScheduleExpression", to="rate(1 hour)"),
        "never": drop("Resources", "WatcherSchedule"),
        "not_let_in": drop("Resources", "ScheduleMayInvokeWatcher"),
        "any_rule_is_let_in": no_prop("ScheduleMayInvokeWatcher", "SourceArn"),
        "two_at_once": prop("WatcherFunction", "Timeout", to=60),
    },
    rules.what_is_due_is_found: {
        "not_by_time": prop("DeliveryTable", *DUES, "KeySchema", 1, "AttributeName", to="sk"),
        "under_another_name": prop("DeliveryTable", *DUES, "IndexName", to="by_time"),
        "as_texts": prop("DeliveryTable", "AttributeDefinitions", 3, "AttributeType", to="S"),
    },
    rules.nothing_is_granted_by_wildcard_where_a_name_would_do: {
        "any_queue": statement("ReceiverRole", "HandOff", "Resource", "*"),
        "any_log_group": statement("ReceiverRole", "Log", "Resource", "*"),
        "any_bus": statement("ProcessorRole", "TellOthers", "Resource", ANY_BUS),
        "all_but_one_queue": statement("ReceiverRole", "HandOff", "NotResource", ELSEWHERE),
        "managed_policy": prop("ReceiverRole", "ManagedPolicyArns", to=["arn:aws:iam::aws:policy/AWSLambdaExecute"]),
    },
    rules.roles_grant_what_their_functions_call: {
        "one_more": statement("ReceiverRole", "HandOff", "Action", ["sqs:SendMessage", "sqs:PurgeQueue"]),
        "one_less": statement("ProcessorRole", "KeepStates", "Action", ["dynamodb:GetItem", "dynamodb:PutItem"]),
    },
    rules.roles_are_for_lambda_alone: {
        "another_service": prop("ProcessorRole", *FUNCTIONS_ROLE, to={"Service": "ec2.amazonaws.com"}),
    },
    rules.what_becomes_of_attempts_is_told_to_recovery_where_there_is_one: {
        "not_allowed": statement("ProcessorRole", "TellRecovery", "Resource", ELSEWHERE),
        "to_nobody": variable("ProcessorFunction", "RECOVERY_QUEUE_URL", to=""),
    },
    rules.secrets_that_may_be_read_are_those_that_are_named: {
        "fourth_name_forgotten": secrets(
            "${All}/${A},${All}/${B},${All}/${C},${All}/${A}:*,${All}/${B}:*,${All}/${C}:*"
        ),
        "no_previous_version": secrets("${All}/${A},${All}/${B},${All}/${C},${All}/${D}"),
        "another_folder": secrets("${All}/x/${A},${All}/x/${B},${All}/x/${C},${All}/x/${D}"),
        "no_previous_version_of_an_endpoints": statement(
            "ReceiverRole", "ReadEndpointSecrets", "Resource", {"Fn::Split": [",", {"Ref": "EndpointParameterArns"}]}
        ),
        "another_parameter_for_endpoints": statement("ReceiverRole", "ReadEndpointSecrets", "Resource", OTHER),
    },
    rules.something_is_taken: {
        "nothing_at_all": drop("Rules", "SomethingIsTaken"),
        "now_and_then": put(["Rules", "SomethingIsTaken", "RuleCondition"], {"Fn::Equals": [{"Ref": "Endpoints"}, ""]}),
        "secrets_are_needed": put(
            ["Rules", "SomethingIsTaken", "Assertions", 0, "Assert"],
            {"Fn::Not": [{"Fn::Equals": [{"Ref": "SecretParameterNames"}, ""]}]},
        ),
        "endpoints_without_their_parameters": drop("Rules", "EndpointsNeedTheirParameters"),
    },
    rules.secrets_key_is_used_through_ssm_alone: {
        "any_way_to_decrypt": statement("ReceiverRole", "DecryptSecrets", "Condition", {}),
        "encrypts_too": statement("ReceiverRole", "DecryptSecrets", "Action", ["kms:Decrypt", "kms:Encrypt"]),
    },
    rules.no_secret_is_in_the_template: {
        "secure_string": add("Secret", "AWS::SSM::Parameter", SECURE_STRING),
        "in_the_environment": variable("ReceiverFunction", "LOG_LEVEL", to="{{resolve:ssm-secure:/sinch/current}}"),
    },
    rules.queues_are_fifo_and_encrypted: {
        "dead_letters_without_order": no_prop("DeadLetterQueue", "FifoQueue"),
        "not_encrypted": no_prop("CallbackQueue", "SqsManagedSseEnabled"),
        "one_throughput_for_all": prop("CallbackQueue", "FifoThroughputLimit", to="perQueue"),
    },
    rules.queues_stay_when_the_stack_goes: {
        "deleted": drop("Resources", "CallbackQueue", "DeletionPolicy"),
        "in_the_way_of_the_next_attempt": put(["Resources", "DeadLetterQueue", "DeletionPolicy"], "Retain"),
        "deleted_when_replaced": drop("Resources", "DeadLetterQueue", "UpdateReplacePolicy"),
    },
    rules.queues_take_the_largest_message_that_there_is: {
        "the_default_of_the_day": no_prop("CallbackQueue", "MaximumMessageSize"),
        "dead_letters_too_large": prop("DeadLetterQueue", "MaximumMessageSize", to=262144),
    },
    rules.dead_letters_are_of_the_queue_alone: {
        "of_all": no_prop("DeadLetterQueue", "RedriveAllowPolicy"),
        "of_another": prop("CallbackQueue", "QueueName", "Fn::If", 1, to={"Fn::Sub": "${AWS::StackName}-queue.fifo"}),
    },
    rules.queues_of_a_stack_that_exists_keep_their_names: {
        "renamed": prop("DeadLetterQueue", "QueueName", to={"Fn::Sub": "${AWS::StackName}-dead-letters.fifo"}),
    },
    rules.what_cannot_be_processed_is_set_aside_and_no_outage_does_that: {
        "after_a_quarter_of_an_hour": prop("CallbackQueue", "RedrivePolicy", "maxReceiveCount", to=5),
        "no_redrive": no_prop("CallbackQueue", "RedrivePolicy"),
        "a_queue_of_elsewhere": prop("CallbackQueue", "RedrivePolicy", "deadLetterTargetArn", to=ELSEWHERE),
    },
    rules.visibility_timeout_is_six_times_the_functions: {
        "a_second_short": prop("CallbackQueue", "VisibilityTimeout", to=179),
        "a_slower_function": prop("ProcessorFunction", "Timeout", to=31),
        "the_default": no_prop("CallbackQueue", "VisibilityTimeout"),
    },
    rules.one_batch_at_once_is_refused_as_lambda_refuses_it: {
        "nobody_refuses": drop("Rules", "ProcessorConcurrencyIsNotOne"),
        "another_number": put(
            ["Rules", "ProcessorConcurrencyIsNotOne", "Assertions", 0, "Assert", "Fn::Not", 0, "Fn::Equals", 1], 2
        ),
        "no_limit_by_default": put(["Parameters", "ProcessorConcurrency", "Default"], 0),
    },
    rules.batches_fail_in_part: {
        "whole_batches": no_prop("ProcessorSource", "FunctionResponseTypes"),
    },
    rules.functions_have_the_environment_that_they_read: {
        "missing": no_prop("ReceiverFunction", "Environment", "Variables", "QUEUE_URL"),
        "clock_stands_still": variable("ReceiverFunction", "CLOCK_AT", to="0"),
    },
    rules.functions_are_traced_and_run_as_chosen: {
        "never_traced": no_prop("ProcessorFunction", "TracingConfig"),
        "always_traced": prop("ReceiverFunction", "TracingConfig", "Mode", to="Active"),
        "arm64_always": prop("ReceiverFunction", "Architectures", to=["arm64"]),
    },
    rules.function_logs_have_an_end: {
        "kept_for_ever": no_prop("ReceiverLogs", "RetentionInDays"),
        "lambda_makes_the_group": no_prop("ProcessorFunction", "LoggingConfig", "LogGroup"),
    },
    rules.lambda_writes_no_line_for_each_invocation_and_drops_none_of_ours: {
        "plain_text": no_prop("ReceiverFunction", "LoggingConfig", "LogFormat"),
        "a_report_of_each_invocation": prop("ProcessorFunction", "LoggingConfig", "SystemLogLevel", to="INFO"),
        "metrics_are_dropped": prop("ReceiverFunction", "LoggingConfig", "ApplicationLogLevel", to="WARN"),
        "debug_lines_are_dropped": no_prop("ProcessorFunction", "LoggingConfig", "ApplicationLogLevel"),
    },
    rules.table_can_be_restored_forgets_and_is_encrypted: {
        "not_restorable": no_prop("DeliveryTable", "PointInTimeRecoverySpecification"),
        "an_index_of_all": prop("DeliveryTable", *INDEX, "Projection", to={"ProjectionType": "ALL"}),
        "never_forgets": prop("DeliveryTable", "TimeToLiveSpecification", "Enabled", to=False),
        "not_encrypted": prop("DeliveryTable", "SSESpecification", "SSEEnabled", to=False),
        "goes_with_the_stack": drop("Resources", "DeliveryTable", "DeletionPolicy"),
        "can_be_deleted_by_mistake": no_prop("DeliveryTable", "DeletionProtectionEnabled"),
        "protected_and_in_the_way_of_a_rollback": put(
            ["Resources", "DeliveryTable", "DeletionPolicy"], "RetainExceptOnCreate"
        ),
    },
    rules.a_table_that_exists_takes_the_place_of_the_stacks_own: {
        "beside_it": drop("Resources", "DeliveryTable", "Condition"),
        "not_written_to": variable("ProcessorFunction", "TABLE_NAME", to={"Ref": "DeliveryTable"}),
        "not_allowed": statement("ProcessorRole", "KeepStates", "Resource", {"Fn::GetAtt": ["DeliveryTable", "Arn"]}),
    },
    rules.alarms_reach_someone: {
        "no_action": no_prop("StaleAlarm", "AlarmActions"),
        "the_given_topic_where_none_is_given": prop("StaleAlarm", "AlarmActions", to=[{"Ref": "AlarmTopicArn"}]),
        "disabled": prop("DeadLetterAlarm", "ActionsEnabled", to=False),
        "no_data_means_nothing": no_prop("RefusedAlarm", "TreatMissingData"),
    },
    rules.alarms_watch_what_can_go_wrong: {
        "nobody_watches_the_oldest_message": drop("Resources", "OldestMessageAlarm"),
        "nobody_watches_attempts_that_fail": drop("Resources", "NotProcessedAlarm"),
        "every_read_of_a_secret": prop("SecretReadsAlarm", "Dimensions", 1, "Value", to="ok"),
        "nobody_watches_for_silence": drop("Resources", "StoppedAlarm"),
        "the_wrong_queue": prop(
            "DeadLetterAlarm", "Dimensions", 0, "Value", to={"Fn::GetAtt": ["CallbackQueue", "QueueName"]}
        ),
    },
    rules.alarms_fill_nothing_in: {
        "failed_messages": prop(
            "FailedShareAlarm", "Metrics", 0, "Expression", to="FILL(failed, 0) / (failed + delivered)"
        ),
    },
    rules.alarms_about_silence_break_it: {
        "silence_is_no_reason": prop("StoppedAlarm", "TreatMissingData", to="notBreaching"),
        "everywhere": drop("Resources", "StoppedAlarm", "Condition"),
    },
    rules.metrics_are_looked_for_where_they_are_written: {
        "another_namespace": variable("ProcessorFunction", "METRICS_NAMESPACE", to="Elsewhere"),
    },
    rules.dashboard_can_be_drawn: {
        "not_json": prop("Dashboard", "DashboardBody", to={"Fn::Sub": '{"widgets": ['}),
    },
    rules.outputs_are_those_that_others_use: {
        "no_host": drop("Outputs", "ReceiverUrlHost"),
    },
}


test_template_holds, test_broken_twin_fails_by_its_rule_alone, test_each_rule_has_a_broken_twin = suite_of(
    rules.RULES, GOOD, BROKEN
)


def test_all_actions_of_a_service_are_one_wildcard_and_not_what_is_called() -> None:
    assert complaining(rules.RULES, changed(GOOD, statement("ReceiverRole", "HandOff", "Action", "sqs:*"))) == [
        "nothing_is_granted_by_wildcard_where_a_name_would_do",
        "roles_grant_what_their_functions_call",
    ]


def test_a_permission_that_follows_the_url_is_missing_while_the_url_changes() -> None:
    follows = {"Fn::If": ["IsPublic", "NONE", "AWS_IAM"]}
    twin = changed(GOOD, prop("DistributionMayUseUrl", "FunctionUrlAuthType", to=follows))
    # Made in time by the order alone, and gone with the former one where the order is not kept.
    assert "whoever_may_call_the_url_has_both_permissions_and_nobody_else_has_either" in complaining(rules.RULES, twin)
    drop(*AFTER[:-1])(twin)
    found = list(rules.whoever_may_call_the_url_before_and_after_an_update_may_call_it_meanwhile(twin))
    assert (
        "cloudfront.amazonaws.com gets 403 once ReceiverUrl is changed, as PublicUrl goes from true to false" in found
    )


@pytest.mark.parametrize("names", ["a", "/a", "a/b", "/a/b", "a,/b,c/d,/e/f", "A_b.c-9"])
def test_names_of_secrets_are_taken(names: str) -> None:
    assert re.fullmatch(GOOD["Parameters"]["SecretParameterNames"]["AllowedPattern"], names)


@pytest.mark.parametrize("names", ["/", "a/", "//a", "a//b", "a:3", "a, b", "a,", ",a", "*", "a,*", "a,b,c,d,e"])
def test_names_that_would_grant_something_else_are_refused(names: str) -> None:
    assert not re.fullmatch(GOOD["Parameters"]["SecretParameterNames"]["AllowedPattern"], names)


VOICE = "arn:aws:ssm:eu-central-1:123456789012:parameter/sinch/voice"


@pytest.mark.parametrize("arns", ["", VOICE, f"{VOICE},arn:aws-cn:ssm:cn-north-1:123456789012:parameter/a_b.c-9"])
def test_parameters_of_endpoints_are_taken(arns: str) -> None:
    assert re.fullmatch(GOOD["Parameters"]["EndpointParameterArns"]["AllowedPattern"], arns)


@pytest.mark.parametrize("arns", ["*", "/sinch/voice", f"{VOICE}:3", f"{VOICE}/*", f"{VOICE}, {VOICE}", f"{VOICE},"])
def test_parameters_of_endpoints_that_would_grant_something_else_are_refused(arns: str) -> None:
    assert not re.fullmatch(GOOD["Parameters"]["EndpointParameterArns"]["AllowedPattern"], arns)


def test_cfn_lint_finds_nothing() -> None:
    found = lint(TEMPLATE)
    assert (found.stdout, found.stderr, found.returncode) == ("", "", 0)


def test_cfn_lint_finds_a_misspelt_property(tmp_path: pathlib.Path) -> None:
    twin = tmp_path / "template.yaml"
    twin.write_text(
        TEMPLATE.read_text(encoding="utf-8").replace("VisibilityTimeout:", "VisibilityTime:"), encoding="utf-8"
    )
    found = lint(twin)
    assert "E3002" in found.stdout and found.returncode != 0
