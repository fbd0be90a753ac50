"""The rules about recovery.yaml hold, and each fails for what it is about."""

import pathlib

import recovery_rules as rules
from cloudformation import load
from twins import Broken, add, drop, lint, no_prop, prop, put, statement, suite_of

TEMPLATE = pathlib.Path(__file__).parent.parent / "recovery.yaml"
GOOD = load(TEMPLATE)

ROLE, FUNCTION, QUEUE, TABLE = "RecoveryRole", "RecoveryFunction", "IntentQueue", "RecoveryTable"
VARIABLES = (FUNCTION, "Environment", "Variables")
TRUSTED: list[str | int] = ["AssumeRolePolicyDocument", "Statement", 0, "Principal"]
INDEX: list[str | int] = ["GlobalSecondaryIndexes", 0]
ELSEWHERE = "arn:aws:sqs:eu-central-1:123456789012:elsewhere"
OTHER = "arn:aws:ssm:eu-central-1:123456789012:parameter/other"

BROKEN: Broken = {
    rules.nothing_is_sent_until_somebody_switches_it_on: {
        "on_at_once": prop("Switch", "Value", to="on"),
        "another_switch": prop(*VARIABLES, "SWITCH_PARAMETER", to="/elsewhere"),
        "renamed": prop("Switch", "Name", to="/switch"),
    },
    rules.it_is_the_receivers_table_bus_and_queue_that_it_reads: {
        "its_own_table": prop(*VARIABLES, "TABLE_NAME", to={"Ref": TABLE}),
        "any_queue_is_counted": statement(ROLE, "CountQueue", "Resource", ELSEWHERE),
    },
    rules.it_takes_what_the_receivers_stack_gives: {
        "under_another_name": put(["Parameters", "QueueUrl", "Default"], "https://elsewhere/123456789012/a.fifo"),
        "another_default": put(["Parameters", "CallbacksStoppedSeconds", "Default"], 900),
    },
    rules.it_looks_each_minute_and_is_invoked_by_its_schedule_alone: {
        "each_hour": prop("RecoverySchedule", "ScheduleExpression", to="rate(1 hour)"),
        "not_let_in": drop("Resources", "ScheduleMayInvokeRecovery"),
        "any_rule_is_let_in": no_prop("ScheduleMayInvokeRecovery", "SourceArn"),
    },
    rules.what_is_due_is_found: {
        "under_another_name": prop(TABLE, *INDEX, "IndexName", to="by_time"),
        "as_texts": prop(TABLE, "AttributeDefinitions", 2, "AttributeType", to="S"),
    },
    rules.opt_outs_and_what_becomes_of_emails_reach_the_queue_and_nothing_else_does: {
        "opt_outs_alone": prop("ConsentRule", "EventPattern", "detail-type", to=["contact.opted_out"]),
        "of_another_bus": no_prop("ConsentRule", "EventBusName"),
        "others_emails": no_prop("EmailRule", "EventPattern", "detail"),
        "no_bounces": prop("EmailRule", "EventPattern", "detail-type", to=["Email Delivered"]),
        "not_let_in": drop("Resources", "EventQueuePolicy"),
        "any_rule_is_let_in": prop(
            "EventQueuePolicy",
            *("PolicyDocument", "Statement", 0, "Condition", "ArnEquals", "aws:SourceArn"),
            to="arn:aws:events:*:*:rule/*",
        ),
    },
    rules.emails_go_by_the_configuration_set_whose_events_come_back: {
        "by_none": prop(*VARIABLES, "EMAIL_CONFIGURATION_SET", to=""),
        "bounces_are_not_told": prop(
            "EmailEvents", "EventDestination", "MatchingEventTypes", to=["delivery", "reject", "renderingFailure"]
        ),
        "nothing_is_told": prop("EmailEvents", "EventDestination", "Enabled", to=False),
        "as_anybody": statement(ROLE, "SendEmail", "Resource", "arn:aws:ses:eu-central-1:123456789012:identity/b"),
        "an_identity_that_is_there": put(["Resources", "SenderIdentity", "Condition"], "SendsEmail"),
    },
    rules.an_address_to_send_from_needs_its_identity: {
        "nobody_asks": drop("Rules", "EmailNeedsItsIdentity"),
        "always": drop("Rules", "EmailNeedsItsIdentity", "RuleCondition"),
    },
    rules.the_identity_stays_when_the_stack_goes: {
        "deleted": drop("Resources", "SenderIdentity", "DeletionPolicy"),
    },
    rules.nothing_is_granted_by_wildcard_where_a_name_would_do: {
        "any_log_group": statement(ROLE, "Log", "Resource", "*"),
        "any_queue_of_its_own": statement(
            ROLE, "TakeFromQueues", "Resource", "arn:aws:sqs:eu-central-1:123456789012:*"
        ),
        "managed_policy": prop(ROLE, "ManagedPolicyArns", to=["arn:aws:iam::aws:policy/AWSLambdaExecute"]),
    },
    rules.the_role_grants_what_its_function_calls: {
        "one_more": statement(ROLE, "KeepIntents", "Action", ["dynamodb:GetItem", "dynamodb:Scan", "dynamodb:PutItem"]),
        "one_less": statement(ROLE, "KeepIntents", "Action", ["dynamodb:GetItem", "dynamodb:PutItem"]),
    },
    rules.the_role_is_for_lambda_alone: {
        "another_service": prop(ROLE, *TRUSTED, to={"Service": "ec2.amazonaws.com"}),
    },
    rules.parameters_that_may_be_read_are_the_access_key_and_the_switch: {
        "another": statement(ROLE, "ReadAccessKey", "Resource", OTHER),
        "any_may_be_written": statement(ROLE, "ReadAccessKey", "Action", ["ssm:GetParameters", "ssm:PutParameter"]),
    },
    rules.the_access_keys_key_is_used_through_ssm_alone: {
        "any_way_to_decrypt": statement(ROLE, "DecryptAccessKey", "Condition", {}),
    },
    rules.no_secret_is_in_the_template: {
        "in_the_environment": prop(*VARIABLES, "LOG_LEVEL", to="{{resolve:ssm-secure:/sinch/access-key}}"),
        "another_parameter": add("Key", "AWS::SecretsManager::Secret", {"SecretString": "made-up"}),
    },
    rules.queues_delay_each_message_by_itself_and_are_encrypted: {
        "in_order": prop(QUEUE, "FifoQueue", to=True),
        "not_encrypted": no_prop("EventQueue", "SqsManagedSseEnabled"),
    },
    rules.queues_stay_when_the_stack_goes: {
        "deleted": drop("Resources", QUEUE, "DeletionPolicy"),
        "deleted_when_replaced": drop("Resources", "EventQueue", "UpdateReplacePolicy"),
    },
    rules.intents_wait_for_a_day_and_everything_else_for_as_long_as_there_is: {
        "an_old_code_is_sent": prop(QUEUE, "MessageRetentionPeriod", to=1_209_600),
        "an_opt_out_is_lost": prop("EventQueue", "MessageRetentionPeriod", to=86_400),
        "the_size_of_the_day": no_prop(QUEUE, "MaximumMessageSize"),
    },
    rules.no_content_lies_among_dead_letters: {
        "after_a_while": prop(QUEUE, "RedrivePolicy", to={"deadLetterTargetArn": ELSEWHERE, "maxReceiveCount": 1000}),
    },
    rules.each_queue_has_its_reader: {
        "nobody_reads_opt_outs": drop("Resources", "EventSource"),
        "looks_go_elsewhere": prop(*VARIABLES, "INTENT_QUEUE_URL", to={"Ref": "EventQueue"}),
    },
    rules.visibility_timeout_is_six_times_the_functions: {
        "a_second_short": prop(QUEUE, "VisibilityTimeout", to=329),
        "a_slower_function": prop(FUNCTION, "Timeout", to=56),
    },
    rules.batches_fail_in_part: {
        "whole_batches": no_prop("RecoverySource", "FunctionResponseTypes"),
    },
    rules.the_function_has_the_environment_that_it_reads: {
        "missing": no_prop(*VARIABLES, "PROJECT_ID"),
        "clock_stands_still": prop(*VARIABLES, "CLOCK_AT", to="0"),
    },
    rules.the_function_is_traced_and_runs_as_chosen: {
        "never_traced": no_prop(FUNCTION, "TracingConfig"),
        "arm64_always": prop(FUNCTION, "Architectures", to=["arm64"]),
    },
    rules.function_logs_have_an_end: {
        "kept_for_ever": no_prop("RecoveryLogs", "RetentionInDays"),
        "lambda_makes_the_group": no_prop(FUNCTION, "LoggingConfig", "LogGroup"),
    },
    rules.lambda_writes_no_line_for_each_invocation_and_drops_none_of_ours: {
        "plain_text": no_prop(FUNCTION, "LoggingConfig", "LogFormat"),
    },
    rules.table_can_be_restored_forgets_and_is_encrypted: {
        "not_restorable": no_prop(TABLE, "PointInTimeRecoverySpecification"),
        "never_forgets": prop(TABLE, "TimeToLiveSpecification", "Enabled", to=False),
        "goes_with_the_stack": drop("Resources", TABLE, "DeletionPolicy"),
        "an_index_of_all": prop(TABLE, *INDEX, "Projection", to={"ProjectionType": "ALL"}),
    },
    rules.a_table_that_exists_takes_the_place_of_the_stacks_own: {
        "beside_it": drop("Resources", TABLE, "Condition"),
        "not_written_to": prop(*VARIABLES, "RECOVERY_TABLE_NAME", to={"Ref": TABLE}),
        "not_allowed": statement(ROLE, "KeepIntents", "Resource", {"Fn::GetAtt": [TABLE, "Arn"]}),
    },
    rules.alarms_reach_someone: {
        "no_action": no_prop("PausedAlarm", "AlarmActions"),
        "no_data_means_nothing": no_prop("BudgetAlarm", "TreatMissingData"),
    },
    rules.alarms_watch_what_can_go_wrong: {
        "nobody_watches_unresolved_sends": drop("Resources", "UnresolvedAlarm"),
        "attempts_that_were_sent": prop("UnresolvedAlarm", "Dimensions", 1, "Value", to="sent"),
        "the_wrong_queue": prop(
            "OldestEventAlarm", "Dimensions", 0, "Value", to={"Fn::GetAtt": ["IntentQueue", "QueueName"]}
        ),
    },
    rules.alarms_fill_nothing_in: {
        "what_is_given_up": prop("GivenUpAlarm", "Metrics", to=[{"Id": "a", "Expression": "FILL(b, 0)"}]),
    },
    rules.quiet_is_no_alarm: {
        "silence_is_a_reason": prop("BudgetAlarm", "TreatMissingData", to="breaching"),
    },
    rules.metrics_are_looked_for_where_they_are_written: {
        "another_namespace": prop(*VARIABLES, "METRICS_NAMESPACE", to="Elsewhere"),
    },
    rules.outputs_are_those_that_others_use: {
        "no_queue": drop("Outputs", "IntentQueueUrl"),
    },
}

test_template_holds, test_broken_twin_fails_by_its_rule_alone, test_each_rule_has_a_broken_twin = suite_of(
    rules.RULES, GOOD, BROKEN
)


def test_cfn_lint_finds_nothing() -> None:
    found = lint(TEMPLATE)
    assert (found.stdout, found.stderr, found.returncode) == ("", "", 0)
