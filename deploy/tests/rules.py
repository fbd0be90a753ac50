"""What the template has to hold beyond what cfn-lint knows.

A rule takes the parsed template and yields what is wrong with it, in words. It looks at each stack that
the template can become: conditions and functions are evaluated for all of VARIANTS.
"""

import itertools
from collections.abc import Iterator
from typing import Any

from stacks import (
    Complaints,
    Resources,
    Template,
    as_list,
    dashboards_that_cannot_be_drawn,
    filled,
    grants_that_differ,
    keys_used,
    metrics_of,
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
        schedules = {
            (name, target(one["Arn"])): rule.get("ScheduleExpression")
            for name, rule in of(stack, "AWS::Events::Rule").items()
            for one in rule.get("Targets", [])
        }
        if schedules != {("WatcherSchedule", "WatcherFunction"): "rate(1 minute)"}:
            yield f"looked at is {schedules}"
        granted = [
            (p["Principal"], target(p.get("SourceArn")), p["Action"])
            for p in of(stack, "AWS::Lambda::Permission").values()
            if target(p["FunctionName"]) == "WatcherFunction"
        ]
        if granted != [("events.amazonaws.com", "WatcherSchedule", "lambda:InvokeFunction")]:
            yield f"the watcher may be invoked by {granted}"
        function = stack["WatcherFunction"]["Properties"]
        if not function.get("Timeout", 3) < 60:
            yield "a look may still be under way when the next one begins"


def what_is_due_is_found(template: Template) -> Complaints:
    for _, stack in stacks(template):
        for name, table in of(stack, "AWS::DynamoDB::Table").items():
            keys = [("due_shard", "HASH"), ("due", "RANGE")]
            found = [
                [(key["AttributeName"], key["KeyType"]) for key in index["KeySchema"]]
                for index in table.get("GlobalSecondaryIndexes", [])
                if index["IndexName"] == "by_due"
            ]
            if found != [keys]:
                yield f"{name} has the index by_due of {found}"
            types = {a["AttributeName"]: a["AttributeType"] for a in table["AttributeDefinitions"]}
            if (types.get("due_shard"), types.get("due")) != ("N", "N"):
                yield f"{name} has no numbers to be due by"


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
        for name, role in of(stack, "AWS::IAM::Role").items():
            for statement in role["AssumeRolePolicyDocument"]["Statement"]:
                if statement["Principal"] != {"Service": "lambda.amazonaws.com"}:
                    yield f"{name} may be taken by {statement['Principal']}"


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
        for name, queue in of(stack, "AWS::SQS::Queue").items():
            for key, value in needed.items():
                if queue.get(key) != value:
                    yield f"{name} has {key} {queue.get(key)}, not {value}"


def queues_stay_when_the_stack_goes(template: Template) -> Complaints:
    for _, stack in stacks(template):
        for name in of(stack, "AWS::SQS::Queue"):
            found = stack[name].get("DeletionPolicy"), stack[name].get("UpdateReplacePolicy")
            if found != ("RetainExceptOnCreate", "Retain"):
                yield f"{name} goes with what was acknowledged to Sinch: {found}"


def queues_take_the_largest_message_that_there_is(template: Template) -> Complaints:
    for _, stack in stacks(template):
        for name, queue in of(stack, "AWS::SQS::Queue").items():
            if queue.get("MaximumMessageSize") != 1_048_576:
                yield f"{name} takes messages of {queue.get('MaximumMessageSize')}"


def dead_letters_are_of_the_queue_alone(template: Template) -> Complaints:
    for parameters, stack in stacks(template):
        if parameters["KeepFirstNames"] == "true":
            # Without a name of the queue's its address is not known when the other is made.
            continue
        queues = of(stack, "AWS::SQS::Queue")
        for queue in queues.values():
            dead = target(queue.get("RedrivePolicy", {}).get("deadLetterTargetArn"))
            if dead in queues:
                arn = f"arn:aws:sqs:eu-central-1:123456789012:{queue.get('QueueName')}"
                allowed = {"redrivePermission": "byQueue", "sourceQueueArns": [arn]}
                if queues[dead].get("RedriveAllowPolicy") != allowed:
                    yield f"{dead} takes others' messages: {queues[dead].get('RedriveAllowPolicy')}, not those of {arn}"


def queues_of_a_stack_that_exists_keep_their_names(template: Template) -> Complaints:
    for parameters, stack in stacks(template):
        if parameters["KeepFirstNames"] == "true":
            for name, queue in of(stack, "AWS::SQS::Queue").items():
                if "QueueName" in queue:
                    yield f"{name} is replaced, and what is in it waits for ever"


def what_cannot_be_processed_is_set_aside_and_no_outage_does_that(template: Template) -> Complaints:
    for _, stack in stacks(template):
        queues = of(stack, "AWS::SQS::Queue")
        for source in of(stack, "AWS::Lambda::EventSourceMapping").values():
            redrive = queues[target(source["EventSourceArn"])].get("RedrivePolicy", {})
            if target(redrive.get("deadLetterTargetArn")) not in queues or redrive.get("maxReceiveCount") != 1000:
                # SQS takes no more. With the processor's waits it is half a day.
                yield f"{target(source['EventSourceArn'])} has no dead-letter queue after a thousand attempts"


def visibility_timeout_is_six_times_the_functions(template: Template) -> Complaints:
    for _, stack in stacks(template):
        for source in of(stack, "AWS::Lambda::EventSourceMapping").values():
            queue = stack[target(source["EventSourceArn"])]["Properties"]
            function = stack[target(source["FunctionName"])]["Properties"]
            # AWS's own defaults: 30 s and 3 s.
            if queue.get("VisibilityTimeout", 30) < 6 * function.get("Timeout", 3):
                yield f"{queue.get('VisibilityTimeout')} s is less than six times {function.get('Timeout')} s"


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
        for name, source in of(stack, "AWS::Lambda::EventSourceMapping").items():
            if source.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
                yield f"{name} does not ask for ReportBatchItemFailures"


def functions_have_the_environment_that_they_read(template: Template) -> Complaints:
    for _, stack in stacks(template):
        functions = of(stack, "AWS::Lambda::Function")
        if functions.keys() != ENVIRONMENT.keys():
            yield f"the functions are {sorted(functions)}"
        for name, function in functions.items():
            differ = ENVIRONMENT.get(name, set()) ^ function["Environment"]["Variables"].keys()
            if differ:
                yield f"{name} has, or lacks, {sorted(differ)}"


def functions_are_traced_and_run_as_chosen(template: Template) -> Complaints:
    for architecture, tracing in (("arm64", "PassThrough"), ("x86_64", "Active")):
        stack = resources(template, VARIANTS[0] | {"Architecture": architecture, "Tracing": tracing})
        for name, function in of(stack, "AWS::Lambda::Function").items():
            if function.get("TracingConfig") != {"Mode": tracing}:
                yield f"{name} is traced otherwise than {tracing}"
            if function.get("Architectures") != [architecture]:
                yield f"{name} runs on {function.get('Architectures')}, not {architecture}"


def function_logs_have_an_end(template: Template) -> Complaints:
    for _, stack in stacks(template):
        groups = of(stack, "AWS::Logs::LogGroup")
        for name, function in of(stack, "AWS::Lambda::Function").items():
            # Without one of ours Lambda makes a group that keeps everything for ever.
            if target(function.get("LoggingConfig", {}).get("LogGroup")) not in groups:
                yield f"{name} has no log group of this stack"
        for name, group in groups.items():
            if not group.get("RetentionInDays"):
                yield f"{name} keeps its logs for ever"


def lambda_writes_no_line_for_each_invocation_and_drops_none_of_ours(template: Template) -> Complaints:
    # Levels exist in JSON alone. A line without a level, as those with metrics, counts as INFO.
    needed = {"LogFormat": "JSON", "SystemLogLevel": "WARN", "ApplicationLogLevel": "TRACE"}
    for _, stack in stacks(template):
        for name, function in of(stack, "AWS::Lambda::Function").items():
            for key, value in needed.items():
                found = function.get("LoggingConfig", {}).get(key)
                if found != value:
                    yield f"{name} has {key} {found}, not {value}"


def table_can_be_restored_forgets_and_is_encrypted(template: Template) -> Complaints:
    needed = {
        "BillingMode": "PAY_PER_REQUEST",
        "DeletionProtectionEnabled": True,
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "TimeToLiveSpecification": {"AttributeName": "expires_at", "Enabled": True},
        "SSESpecification": {"SSEEnabled": True},
    }
    for _, stack in stacks(template):
        for name, table in of(stack, "AWS::DynamoDB::Table").items():
            for key, value in needed.items():
                if table.get(key) != value:
                    yield f"{name} has {key} {table.get(key)}, not {value}"
            for index in table.get("GlobalSecondaryIndexes", []):
                if index["Projection"] != {"ProjectionType": "KEYS_ONLY"}:
                    yield f"each report writes to the index {index['IndexName']} of {name} too"
            for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
                if stack[name].get(policy) != "Retain":
                    yield f"{name} goes with the stack: {policy} is {stack[name].get(policy)}"


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
        watched = set()
        for alarm in of(stack, "AWS::CloudWatch::Alarm").values():
            for metric, _ in metrics_of(alarm):
                about, *counted = [dimension["Value"] for dimension in metric["Dimensions"]]
                watched.add((metric["Namespace"], metric["MetricName"], target(about), *(counted or [None])))
        if watched != WATCHED:
            yield f"watched, or not: {sorted(map(str, watched ^ WATCHED))}"


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
        for name, function in of(stack, "AWS::Lambda::Function").items():
            namespace = function["Environment"]["Variables"].get("METRICS_NAMESPACE", "SinchCallback")
            if namespace != "SinchCallback":
                yield f"{name} writes its metrics to {namespace}, alarms read those of SinchCallback"


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
