"""What the template has to hold beyond what cfn-lint knows.

A rule takes the parsed template and yields what is wrong with it, in words. It looks at each stack that
the template can become: conditions and functions are evaluated for all of VARIANTS.
"""

import itertools
from collections.abc import Iterator
from typing import Any

from serverless import (
    batches_that_fail_whole,
    dead_letters_of_others,
    dues_that_are_not_found,
    environments_that_differ,
    functions_run_otherwise,
    impatient_queues,
    lines_too_many_or_dropped,
    logs_without_end,
    looks_otherwise,
    metrics_elsewhere,
    queues_that_go,
    queues_that_set_aside_too_soon_or_never,
    queues_without,
    roles_for_others,
    tables_that_lose_or_tell,
    watched_otherwise,
)
from stacks import (
    Complaints,
    Resources,
    Template,
    as_list,
    dashboards_that_cannot_be_drawn,
    filled,
    grants_that_differ,
    keys_used,
    named_in,
    nothing_to_take,
    of,
    parameter_arns,
    resources,
    secrets_read,
    secrets_within,
    silent_alarms,
    statements,
    target,
    variants,
    wildcards,
)

# Names that code outside the template relies on.
ENVIRONMENT = {
    # CLOCK_AT stops the clock for tests. No deployed function may have it.
    "ReceiverFunction": {
        "SECRET_PARAMETERS",
        "ENDPOINTS",
        "SECRET_OVERLAP_SECONDS",
        "SECRET_REFRESH_SECONDS",
        "SECRET_VERBATIM",
        "QUEUE_URL",
        "MAX_AGE_SECONDS",
        "MAX_BODY_BYTES",
        "REQUIRE_ALGORITHM",
        "ON_SIGNATURE_MISMATCH",
        "LOG_LEVEL",
        "METRICS_NAMESPACE",
    },
    "ProcessorFunction": {
        "TABLE_NAME",
        "EVENT_BUS_NAME",
        "QUEUE_URL",
        "DEAD_LETTER_QUEUE_URL",
        "RECOVERY_QUEUE_URL",
        "EVENTS",
        "ARCHIVE",
        "OVERDUE_AFTER_SECONDS",
        "LOG_RETENTION_DAYS",
        "STATE_RETENTION_DAYS",
        "LOG_LEVEL",
        "METRICS_NAMESPACE",
    },
    "WatcherFunction": {
        "FUNCTION",
        "TABLE_NAME",
        "EVENT_BUS_NAME",
        "QUEUE_URL",
        "RECEIVER_FUNCTION",
        "CALLBACKS_STOPPED_SECONDS",
        "LOG_RETENTION_DAYS",
        "STATE_RETENTION_DAYS",
        "LOG_LEVEL",
        "METRICS_NAMESPACE",
    },
}
OUTPUTS = {
    "ReceiverUrl",
    "ReceiverUrlHost",
    "ReceiverFunctionName",
    "ReceiverFunctionArn",
    "ProcessorFunctionName",
    "WatcherFunctionName",
    "QueueUrl",
    "DeadLetterQueueUrl",
    "TableName",
    "EventBusName",
    "EventBusArn",
    "AlarmTopicArn",
    "DashboardName",
}
# What each function calls, and Lambda for it. A new call in the code needs its permission here.
LOGS = {"logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTraceSegments", "xray:PutTelemetryRecords"}
ACTIONS = {
    "ReceiverRole": LOGS | {"ssm:GetParameters", "sqs:SendMessage"},
    "ProcessorRole": LOGS
    | {
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ChangeMessageVisibility",
        "sqs:SendMessage",
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "events:PutEvents",
    },
    "WatcherRole": LOGS
    | {
        "sqs:GetQueueAttributes",
        "cloudwatch:GetMetricData",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "events:PutEvents",
    },
}

# What an alarm watches: metric, its resource, and the one value that it counts, if any.
WATCHED = {
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "DeadLetterQueue", None),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage", "DeadLetterQueue", None),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage", "CallbackQueue", None),
    ("AWS/Lambda", "Errors", "ReceiverFunction", None),
    ("AWS/Lambda", "Errors", "ProcessorFunction", None),
    ("AWS/Lambda", "Throttles", "ReceiverFunction", None),
    ("AWS/Lambda", "Throttles", "ProcessorFunction", None),
    ("SinchCallback", "NotProcessed", "ProcessorFunction", None),
    ("SinchCallback", "Poison", "ProcessorFunction", None),
    ("SinchCallback", "Unrecognized", "ProcessorFunction", None),
    ("SinchCallback", "SecretReads", "ReceiverFunction", "failed"),
    ("SinchCallback", "Accepted", "ReceiverFunction", None),
    ("SinchCallback", "CallbacksStopped", "WatcherFunction", None),
    ("SinchCallback", "HearingUnreadable", "WatcherFunction", None),
    ("AWS/Lambda", "Errors", "WatcherFunction", None),
    ("SinchCallback", "Unavailable", "ReceiverFunction", None),
    ("SinchCallback", "Refused", "ReceiverFunction", None),
    ("SinchCallback", "Refused", "ReceiverFunction", "stale"),
    ("SinchCallback", "Transitions", "ProcessorFunction", "failed"),
    ("SinchCallback", "Transitions", "ProcessorFunction", "delivered"),
}

# The wildcards that stay, as (action, pattern of the resource).
WILDCARDS = [
    # X-Ray knows no resources.
    ("xray:PutTraceSegments", r"\*"),
    ("xray:PutTelemetryRecords", r"\*"),
    # Nor does CloudWatch.
    ("cloudwatch:GetMetricData", r"\*"),
    # A version or label of one named parameter; no parameter's name has a colon.
    ("ssm:GetParameters", r"arn:aws:ssm:eu-central-1:123456789012:parameter/[^*:]+:\*"),
]

DISTRIBUTION = "arn:aws:cloudfront::123456789012:distribution/E1EXAMPLE"
TOPIC = "arn:aws:sns:eu-central-1:123456789012:alarms"
KEY = "arn:aws:kms:eu-central-1:123456789012:key/made-up"
ENDPOINT_NAMES = itertools.cycle(["", "/sinch/voice", "/sinch/a/numbers,mail", "a,/b,c,/d,e"])
RECOVERY_QUEUE = "https://sqs.eu-central-1.amazonaws.com/123456789012/sinch-recovery-intents"
NAMES = itertools.cycle(["/sinch/current", "current,/sinch/a/previous", "", "/a,b,/c/d", "a,/b,c,/d/e"])


VARIANTS = [
    {
        "PublicUrl": public,
        "DistributionArn": distribution,
        "AlarmTopicArn": topic,
        "SecretKeyArn": key,
        "SecretParameterNames": next(NAMES),
        "EndpointParameterArns": parameter_arns(next(ENDPOINT_NAMES), "eu-central-1"),
        "ExistingTableName": table,
        "KeepFirstNames": first,
        "CorrelationIndex": "off" if first == "true" else "on",
        "StoppedAfterHours": "3",
        "RecoveryQueueUrl": RECOVERY_QUEUE if public == "true" else "",
    }
    for topic, key, table, first in [("", KEY, "", "false"), (TOPIC, "", "restored", "false"), ("", "", "", "true")]
    for public in ["false", "true"]
    for distribution in ["", DISTRIBUTION]
]


def stacks(template: Template) -> Iterator[tuple[dict[str, str], Resources]]:
    """Each variant's parameters with its resources."""
    return variants(template, VARIANTS)


def url_takes_signed_requests_alone_unless_it_is_public(template: Template) -> Complaints:
    for parameters, stack in stacks(template):
        public = parameters["PublicUrl"]
        expected = "NONE" if public == "true" else "AWS_IAM"
        for name, url in of(stack, "AWS::Lambda::Url").items():
            if url.get("AuthType") != expected:
                yield f"{name} has AuthType {url.get('AuthType')}, not {expected}, with PublicUrl {public}"


def whoever_may_call_the_url_has_both_permissions_and_nobody_else_has_either(template: Template) -> Complaints:
    for parameters, stack in stacks(template):
        public = parameters["PublicUrl"] == "true"
        callers = []
        if parameters["DistributionArn"]:
            callers.append({"Principal": "cloudfront.amazonaws.com", "SourceArn": DISTRIBUTION})
        if public:
            callers.append({"Principal": "*"})
        # Lambda looks at the policy of what the URL stands on.
        on_alias = parameters["KeepFirstNames"] == "false"
        function = {
            "FunctionName": {"Ref": "ReceiverAlias"} if on_alias else {"Fn::GetAtt": ["ReceiverFunction", "Arn"]}
        }
        invoke = {"Action": "lambda:InvokeFunction", "InvokedViaFunctionUrl": True}

        def use(caller: dict[str, str]) -> dict[str, str]:
            auth = "NONE" if caller["Principal"] == "*" else "AWS_IAM"
            return {"Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": auth}

        expected = [function | caller | permission for caller in callers for permission in (use(caller), invoke)]
        granted = permissions_of_the_receiver(stack)
        for permission in expected:
            if permission not in granted:
                yield f"{permission['Principal']} lacks {permission['Action']}"
        for permission in granted:
            if permission not in expected:
                yield f"a permission for nobody that calls: {permission}"


def whoever_may_call_the_url_before_and_after_an_update_may_call_it_meanwhile(template: Template) -> Complaints:
    for before, old in stacks(template):
        for after, new in stacks(template):
            # Nobody moves the URL of a stack that exists.
            if before["KeepFirstNames"] != after["KeepFirstNames"]:
                continue
            callers = [
                caller
                for caller in ("cloudfront.amazonaws.com", "a stranger")
                if all(may_call(*access(stack), caller) for stack in (old, new))
            ]
            for name, url, permissions in moments(old, new):
                for caller in callers:
                    if not may_call(url, permissions, caller):
                        change = f"from {before['PublicUrl']} to {after['PublicUrl']}"
                        yield f"{caller} gets 403 once {name} is changed, as PublicUrl goes {change}"


def access(stack: Resources) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The URL, and the permissions around it."""
    (url,) = of(stack, "AWS::Lambda::Url").values()
    return url, permissions_of_the_receiver(stack)


def permissions_of_the_receiver(stack: Resources) -> list[dict[str, Any]]:
    others = {"WatcherFunction"}
    return [p for p in of(stack, "AWS::Lambda::Permission").values() if target(p["FunctionName"]) not in others]


def the_watcher_looks_each_minute_and_is_invoked_by_its_schedule_alone(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from looks_otherwise(stack, "WatcherFunction", "WatcherSchedule")


def what_is_due_is_found(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from dues_that_are_not_found(stack, "by_due", "due_shard", "due")


def moments(old: Resources, new: Resources) -> Iterator[tuple[str, dict[str, Any], list[dict[str, Any]]]]:
    """Each state that the URL and its permissions may be in during an update, with what was changed last.

    CloudFormation makes and changes resources in any order that what they refer to allows. A permission has
    no property that could be changed, so a new one is made in its place. What is to go goes last of all.
    """
    kinds = ("AWS::Lambda::Url", "AWS::Lambda::Permission")
    wanted = {name: properties for kind in kinds for name, properties in of(new, kind).items()}
    todo = [name for name, properties in wanted.items() if properties != old.get(name, {}).get("Properties")]
    for order in itertools.permutations(todo):
        if any(others_in(new[name]) & set(order[at:]) for at, name in enumerate(order)):
            continue
        url, permissions = access(old)
        for name in order:
            if new[name]["Type"] == "AWS::Lambda::Url":
                url = wanted[name]
            else:
                permissions = [*permissions, wanted[name]]
            yield name, url, permissions


def others_in(value: Any) -> set[str | None]:
    """The names of all resources that a value refers to."""
    if isinstance(value, list):
        return set().union(*map(others_in, value))
    if isinstance(value, dict):
        return {target(value)} | others_in(list(value.values()))
    return set()


def may_call(url: dict[str, Any], permissions: list[dict[str, Any]], caller: str) -> bool:
    """Whether Lambda lets a caller in: by one permission to use the URL, and one to invoke through it."""
    of_caller = [p for p in permissions if p["Principal"] in ("*", caller)]
    uses = [
        p
        for p in of_caller
        if p["Action"] == "lambda:InvokeFunctionUrl" and p["FunctionUrlAuthType"] == url["AuthType"]
    ]
    invokes = [p for p in of_caller if p["Action"] == "lambda:InvokeFunction"]
    return bool(uses and invokes)


def the_url_stands_on_an_alias_unless_it_stood_elsewhere(template: Template) -> Complaints:
    for parameters, stack in stacks(template):
        aliases = {name: a["Name"] for name, a in of(stack, "AWS::Lambda::Alias").items()}
        first = parameters["KeepFirstNames"] == "true"
        for name, url in of(stack, "AWS::Lambda::Url").items():
            # Anything else makes another URL, and Sinch goes on calling the former.
            if first and "Qualifier" in url:
                yield f"{name} of a stack that exists would get another address"
            if not first and url.get("Qualifier") not in aliases.values():
                yield f"{name} stands on {url.get('Qualifier')}"
            # Named by its text, the alias is no reference that would make it come first.
            if stack[name].get("DependsOn") not in aliases:
                yield f"{name} may be made before its alias"


def nothing_is_granted_by_wildcard_where_a_name_would_do(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from wildcards(stack, WILDCARDS)


def roles_grant_what_their_functions_call(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from grants_that_differ(stack, ACTIONS)


def roles_are_for_lambda_alone(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from roles_for_others(stack)


def what_becomes_of_attempts_is_told_to_recovery_where_there_is_one(template: Template) -> Complaints:
    for parameters, stack in stacks(template):
        url = parameters["RecoveryQueueUrl"]
        arn = "arn:aws:sqs:eu-central-1:123456789012:sinch-recovery-intents"
        may = [
            s["Resource"]
            for role, s in statements(stack)
            if role == "ProcessorRole" and "sqs:SendMessage" in as_list(s["Action"])
        ]
        if may != [{"Fn::GetAtt": ["DeadLetterQueue", "Arn"]}, *([arn] if url else [])]:
            yield f"with the queue {url or 'of none'} the processor may send to {may}"
        told = stack["ProcessorFunction"]["Properties"]["Environment"]["Variables"].get("RECOVERY_QUEUE_URL")
        if told != url:
            yield f"the processor tells {told}, not {url}"


def secrets_that_may_be_read_are_those_that_are_named(template: Template) -> Complaints:
    for parameters, stack in stacks(template):
        names = ",".join([parameters["SecretParameterNames"], *named_in(parameters["EndpointParameterArns"])])
        yield from secrets_read(stack, names, "eu-central-1")


def something_is_taken(template: Template) -> Complaints:
    yield from nothing_to_take(template)


def secrets_key_is_used_through_ssm_alone(template: Template) -> Complaints:
    for parameters, stack in stacks(template):
        yield from keys_used(stack, parameters["SecretKeyArn"], "eu-central-1")


def no_secret_is_in_the_template(template: Template) -> Complaints:
    yield from secrets_within(template)


def queues_are_fifo_and_encrypted(template: Template) -> Complaints:
    needed = {
        "FifoQueue": True,
        "DeduplicationScope": "messageGroup",
        "FifoThroughputLimit": "perMessageGroupId",
        "SqsManagedSseEnabled": True,
    }
    for _, stack in stacks(template):
        yield from queues_without(stack, needed)


def queues_stay_when_the_stack_goes(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from queues_that_go(stack)


def queues_take_the_largest_message_that_there_is(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from queues_without(stack, {"MaximumMessageSize": 1_048_576})


def dead_letters_are_of_the_queue_alone(template: Template) -> Complaints:
    for parameters, stack in stacks(template):
        # Without a name of the queue's its address is not known when the other is made.
        if parameters["KeepFirstNames"] == "false":
            yield from dead_letters_of_others(stack)


def queues_of_a_stack_that_exists_keep_their_names(template: Template) -> Complaints:
    for parameters, stack in stacks(template):
        if parameters["KeepFirstNames"] == "true":
            for name, queue in of(stack, "AWS::SQS::Queue").items():
                if "QueueName" in queue:
                    yield f"{name} is replaced, and what is in it waits for ever"


def what_cannot_be_processed_is_set_aside_and_no_outage_does_that(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from queues_that_set_aside_too_soon_or_never(stack)


def visibility_timeout_is_six_times_the_functions(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from impatient_queues(stack)


def one_batch_at_once_is_refused_as_lambda_refuses_it(template: Template) -> Complaints:
    not_one = {"Fn::Not": [{"Fn::Equals": [{"Ref": "ProcessorConcurrency"}, 1]}]}
    refused = any(
        assertion["Assert"] == not_one and "RuleCondition" not in rule
        for rule in template.get("Rules", {}).values()
        for assertion in rule["Assertions"]
    )
    if not refused:
        yield "ProcessorConcurrency may be 1, and the deployment fails half-way"
    default = template["Parameters"]["ProcessorConcurrency"]["Default"]
    if not 2 <= default <= 100:
        yield f"a table that is new throttles what {default} batches at once ask of it"


def batches_fail_in_part(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from batches_that_fail_whole(stack)


def functions_have_the_environment_that_they_read(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from environments_that_differ(stack, ENVIRONMENT)


def functions_are_traced_and_run_as_chosen(template: Template) -> Complaints:
    yield from functions_run_otherwise(template, VARIANTS[0])


def function_logs_have_an_end(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from logs_without_end(stack)


def lambda_writes_no_line_for_each_invocation_and_drops_none_of_ours(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from lines_too_many_or_dropped(stack)


def table_can_be_restored_forgets_and_is_encrypted(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from tables_that_lose_or_tell(stack)


def a_table_that_exists_takes_the_place_of_the_stacks_own(template: Template) -> Complaints:
    for parameters, stack in stacks(template):
        existing = parameters["ExistingTableName"]
        made = list(of(stack, "AWS::DynamoDB::Table"))
        if bool(made) == bool(existing):
            yield f"with the table {existing or 'of its own'}, the stack makes {made}"
        name = existing or {"Ref": "DeliveryTable"}
        arn = (
            f"arn:aws:dynamodb:eu-central-1:123456789012:table/{existing}"
            if existing
            else {"Fn::GetAtt": ["DeliveryTable", "Arn"]}
        )
        found = stack["ProcessorFunction"]["Properties"]["Environment"]["Variables"].get("TABLE_NAME")
        if found != name:
            yield f"the processor writes to {found}, not to {name}"
        index = f"{arn}/index/by_due" if existing else "${DeliveryTable.Arn}/index/by_due"
        granted = [
            (role, s["Resource"])
            for role, s in statements(stack)
            if any("dynamodb:" in a for a in as_list(s.get("Action")))
        ]
        if granted != [("ProcessorRole", arn), ("WatcherRole", arn), ("WatcherRole", index)]:
            yield f"the functions may write to {granted}, not to {arn}"
        watched = stack["WatcherFunction"]["Properties"]["Environment"]["Variables"].get("TABLE_NAME")
        if watched != name:
            yield f"the watcher looks at {watched}, not at {name}"


def alarms_reach_someone(template: Template) -> Complaints:
    for parameters, stack in stacks(template):
        yield from silent_alarms(stack, parameters["AlarmTopicArn"])


def alarms_watch_what_can_go_wrong(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from watched_otherwise(stack, WATCHED)


def alarms_fill_nothing_in(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from filled(stack)


def alarms_about_silence_break_it(template: Template) -> Complaints:
    for _, stack in stacks(template):
        for name, alarm in of(stack, "AWS::CloudWatch::Alarm").items():
            operator = alarm.get("ComparisonOperator", "")
            if operator.startswith("LessThan") != (alarm.get("TreatMissingData") == "breaching"):
                yield f"{name}: no data is {alarm.get('TreatMissingData')}, and it compares by {operator}"
    for name, alarm in of(
        resources(template, VARIANTS[0] | {"StoppedAfterHours": "0"}), "AWS::CloudWatch::Alarm"
    ).items():
        if alarm.get("TreatMissingData") == "breaching":
            yield f"{name} is raised in accounts that are quiet"


def metrics_are_looked_for_where_they_are_written(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from metrics_elsewhere(stack)


def dashboard_can_be_drawn(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from dashboards_that_cannot_be_drawn(stack)


def outputs_are_those_that_others_use(template: Template) -> Complaints:
    if template["Outputs"].keys() != OUTPUTS:
        yield f"outputs too many or missing: {sorted(template['Outputs'].keys() ^ OUTPUTS)}"


RULES = [
    url_takes_signed_requests_alone_unless_it_is_public,
    whoever_may_call_the_url_has_both_permissions_and_nobody_else_has_either,
    whoever_may_call_the_url_before_and_after_an_update_may_call_it_meanwhile,
    the_url_stands_on_an_alias_unless_it_stood_elsewhere,
    the_watcher_looks_each_minute_and_is_invoked_by_its_schedule_alone,
    what_is_due_is_found,
    nothing_is_granted_by_wildcard_where_a_name_would_do,
    roles_grant_what_their_functions_call,
    roles_are_for_lambda_alone,
    what_becomes_of_attempts_is_told_to_recovery_where_there_is_one,
    secrets_that_may_be_read_are_those_that_are_named,
    something_is_taken,
    secrets_key_is_used_through_ssm_alone,
    no_secret_is_in_the_template,
    queues_are_fifo_and_encrypted,
    queues_stay_when_the_stack_goes,
    queues_take_the_largest_message_that_there_is,
    dead_letters_are_of_the_queue_alone,
    queues_of_a_stack_that_exists_keep_their_names,
    what_cannot_be_processed_is_set_aside_and_no_outage_does_that,
    visibility_timeout_is_six_times_the_functions,
    one_batch_at_once_is_refused_as_lambda_refuses_it,
    batches_fail_in_part,
    functions_have_the_environment_that_they_read,
    functions_are_traced_and_run_as_chosen,
    function_logs_have_an_end,
    lambda_writes_no_line_for_each_invocation_and_drops_none_of_ours,
    table_can_be_restored_forgets_and_is_encrypted,
    a_table_that_exists_takes_the_place_of_the_stacks_own,
    alarms_reach_someone,
    alarms_watch_what_can_go_wrong,
    alarms_fill_nothing_in,
    alarms_about_silence_break_it,
    metrics_are_looked_for_where_they_are_written,
    dashboard_can_be_drawn,
    outputs_are_those_that_others_use,
]
