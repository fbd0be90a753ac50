"""What recovery.yaml has to hold beyond what cfn-lint knows. The form is that of rules.py."""

import pathlib
from collections.abc import Iterator
from typing import Any

from cloudformation import load
from serverless import (
    batches_that_fail_whole,
    dues_that_are_not_found,
    environments_that_differ,
    functions_run_otherwise,
    impatient_queues,
    lines_too_many_or_dropped,
    logs_without_end,
    looks_otherwise,
    metrics_elsewhere,
    queues_that_go,
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
    filled,
    grants_that_differ,
    keys_used,
    of,
    secrets_read,
    secrets_within,
    silent_alarms,
    statements,
    target,
    variants,
    wildcards,
)

RECEIVER = load(pathlib.Path(__file__).parent.parent / "template.yaml")

# Names that code outside the template relies on. No deployed function may have CLOCK_AT.
ENVIRONMENT = {
    "RecoveryFunction": {
        "FUNCTION",
        "TABLE_NAME",
        "EVENT_BUS_NAME",
        "QUEUE_URL",
        "RECEIVER_FUNCTION",
        "CALLBACKS_STOPPED_SECONDS",
        "LOG_RETENTION_DAYS",
        "STATE_RETENTION_DAYS",
        "RECOVERY_TABLE_NAME",
        "INTENT_QUEUE_URL",
        "SWITCH_PARAMETER",
        "PROJECT_ID",
        "APP_ID",
        "SINCH_REGION",
        "SINCH_URL",
        "ACCESS_KEY_PARAMETER",
        "CHANNEL_PROPERTIES",
        "EMAIL_FROM",
        "EMAIL_CONFIGURATION_SET",
        "PER_RECIPIENT_AND_DAY",
        "PER_HOUR",
        "LOG_LEVEL",
        "METRICS_NAMESPACE",
    },
}
OUTPUTS = {
    "RecoveryFunctionName",
    "IntentQueueUrl",
    "EventQueueUrl",
    "RecoveryTableName",
    "SwitchParameter",
    "AlarmTopicArn",
}
# What the function calls, and Lambda for it; without an address to send from, no e-mail.
ACTIONS = {
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ChangeMessageVisibility",
    "sqs:SendMessage",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:Query",
    "cloudwatch:GetMetricData",
    "ssm:GetParameters",
    "ssm:PutParameter",
    "events:PutEvents",
}
WILDCARDS = [
    # X-Ray knows no resources.
    ("xray:PutTraceSegments", r"\*"),
    ("xray:PutTelemetryRecords", r"\*"),
    # Nor does CloudWatch.
    ("cloudwatch:GetMetricData", r"\*"),
]
WATCHED = {
    ("SinchCallback", "Attempts", "RecoveryFunction", "unresolved"),
    ("SinchCallback", "Intents", "RecoveryFunction", "intent.needs_person"),
    ("SinchCallback", "Intents", "RecoveryFunction", "intent.given_up"),
    ("SinchCallback", "Intents", "RecoveryFunction", "intent.doubled"),
    ("SinchCallback", "BudgetReached", "RecoveryFunction", None),
    ("SinchCallback", "SendsPaused", "RecoveryFunction", None),
    ("SinchCallback", "SwitchUnreadable", "RecoveryFunction", None),
    ("SinchCallback", "IntentsInvalid", "RecoveryFunction", None),
    ("SinchCallback", "NotDone", "RecoveryFunction", None),
    ("AWS/Lambda", "Errors", "RecoveryFunction", None),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage", "IntentQueue", None),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage", "EventQueue", None),
}

ACCOUNT = "eu-central-1:123456789012"
GIVEN = {
    "TableName": "deliveries",
    "EventBusName": "sinch-deliveries",
    "QueueUrl": "https://sqs.eu-central-1.amazonaws.com/123456789012/sinch-callbacks.fifo",
    "ReceiverFunctionName": "sinch-ReceiverFunction-1ABC",
    "ProjectId": "project",
    "AppId": "app",
}
TOPIC = f"arn:aws:sns:{ACCOUNT}:alarms"
KEY = f"arn:aws:kms:{ACCOUNT}:key/made-up"
# Of an e-mail: its address, its identity, and whether the stack makes that.
BY_EMAIL = [("", "", "true"), ("code@example.com", "example.com", "true"), ("a@example.com", "a@example.com", "false")]
VARIANTS = [
    GIVEN
    | {
        "AccessKeyParameterName": parameter,
        "AccessKeyKmsArn": key,
        "AlarmTopicArn": topic,
        "EmailFrom": address,
        "EmailIdentity": identity,
        "NewEmailIdentity": new,
        "ExistingTableName": table,
    }
    for parameter, key, topic, table in [("/sinch/access-key", KEY, "", ""), ("access-key", "", TOPIC, "former")]
    for address, identity, new in BY_EMAIL
]


def stacks(template: Template) -> Iterator[tuple[dict[str, str], Resources]]:
    return variants(template, VARIANTS)


def nothing_is_sent_until_somebody_switches_it_on(template: Template) -> Complaints:
    for _, stack in stacks(template):
        switches = of(stack, "AWS::SSM::Parameter")
        if switches.keys() != {"Switch"} or not (
            {"Type": "String", "Value": "off"}.items() <= switches["Switch"].items()
        ):
            yield f"the switch is {switches}"
            continue
        name = switches["Switch"].get("Name")
        if name != "/sinch/switch":
            # The function may read and write this one.
            yield f"the switch is called {name}"
        read = stack["RecoveryFunction"]["Properties"]["Environment"]["Variables"].get("SWITCH_PARAMETER")
        if read != {"Ref": "Switch"}:
            yield f"the function reads the switch {read}"


def it_is_the_receivers_table_bus_and_queue_that_it_reads(template: Template) -> Complaints:
    for parameters, stack in stacks(template):
        found = stack["RecoveryFunction"]["Properties"]["Environment"]["Variables"]
        wanted = {
            "TABLE_NAME": parameters["TableName"],
            "EVENT_BUS_NAME": parameters["EventBusName"],
            "QUEUE_URL": parameters["QueueUrl"],
            "RECEIVER_FUNCTION": parameters["ReceiverFunctionName"],
        }
        given = {name: found.get(name) for name in wanted}
        if given != wanted:
            yield f"of {wanted} the function has {given}"
        may = {
            "ReadMessages": [f"arn:aws:dynamodb:{ACCOUNT}:table/deliveries"],
            "FindMessages": [f"arn:aws:dynamodb:{ACCOUNT}:table/deliveries/index/by_correlation"],
            "CountQueue": [f"arn:aws:sqs:{ACCOUNT}:sinch-callbacks.fifo"],
            "TellOthers": [f"arn:aws:events:{ACCOUNT}:event-bus/sinch-deliveries"],
        }
        granted = {s["Sid"]: as_list(s["Resource"]) for _, s in statements(stack) if s["Sid"] in may}
        if granted != may:
            yield f"of the receiver's the function may use {granted}, not {may}"


def it_takes_what_the_receivers_stack_gives(template: Template) -> Complaints:
    for name in ("TableName", "EventBusName", "QueueUrl", "ReceiverFunctionName"):
        if name not in RECEIVER["Outputs"]:
            yield f"the receiver's stack gives no {name}"
        if "Default" in template["Parameters"][name]:
            yield f"{name} would be left out"
    for name in ("CallbacksStoppedSeconds", "LogRetentionDays", "StateRetentionDays"):
        given, taken = (one["Parameters"][name]["Default"] for one in (RECEIVER, template))
        if given != taken:
            yield f"the receiver's {name} is {given}, and {taken} here"


def it_looks_each_minute_and_is_invoked_by_its_schedule_alone(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from looks_otherwise(stack, "RecoveryFunction", "RecoverySchedule")


def what_is_due_is_found(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from dues_that_are_not_found(stack, "by_look", "look_shard", "look_at")


def opt_outs_and_what_becomes_of_emails_reach_the_queue_and_nothing_else_does(template: Template) -> Complaints:
    for parameters, stack in stacks(template):
        queue = {"Fn::GetAtt": ["EventQueue", "Arn"]}
        found = {
            name: (rule.get("EventBusName"), rule["EventPattern"])
            for name, rule in of(stack, "AWS::Events::Rule").items()
            if [one["Arn"] for one in rule["Targets"]] == [queue]
        }
        consent: dict[str, Any] = {
            "source": ["sinch-callback"],
            "detail-type": ["contact.opted_out", "contact.opted_in"],
        }
        wanted: dict[str, tuple[str | None, Any]] = {"ConsentRule": ("sinch-deliveries", consent)}
        if parameters["EmailFrom"]:
            ends = ["Email Delivered", "Email Bounced", "Email Rejected", "Email Rendering Failed"]
            ours = {"mail": {"tags": {"ses:configuration-set": [{"Ref": "EmailConfigurationSet"}]}}}
            wanted["EmailRule"] = (None, {"source": ["aws.ses"], "detail-type": ends, "detail": ours})
        if found != wanted:
            yield f"what comes into the queue is {found}, not {wanted}"
        granted = [
            (s["Principal"], s["Action"], s["Resource"], as_list(s["Condition"]["ArnEquals"]["aws:SourceArn"]))
            for policy in of(stack, "AWS::SQS::QueuePolicy").values()
            for s in policy["PolicyDocument"]["Statement"]
        ]
        arns = [{"Fn::GetAtt": [name, "Arn"]} for name in wanted]
        if granted != [({"Service": "events.amazonaws.com"}, "sqs:SendMessage", queue, arns)]:
            yield f"the queue takes from {granted}"


def emails_go_by_the_configuration_set_whose_events_come_back(template: Template) -> Complaints:
    for parameters, stack in stacks(template):
        sends = bool(parameters["EmailFrom"])
        destinations = of(stack, "AWS::SES::ConfigurationSetEventDestination").values()
        made = (
            list(of(stack, "AWS::SES::ConfigurationSet")),
            [target(destination["ConfigurationSetName"]) for destination in destinations],
            [i["EmailIdentity"] for i in of(stack, "AWS::SES::EmailIdentity").values()],
        )
        makes = sends and parameters["NewEmailIdentity"] == "true"
        sets = ["EmailConfigurationSet"] if sends else []
        if made != (sets, sets, [parameters["EmailIdentity"]] if makes else []):
            yield f"with {parameters['EmailFrom'] or 'no address'} there are {made}"
        used = stack["RecoveryFunction"]["Properties"]["Environment"]["Variables"].get("EMAIL_CONFIGURATION_SET")
        if used != ({"Ref": "EmailConfigurationSet"} if sends else ""):
            yield f"e-mails go by {used}"
        for destination in destinations:
            told = set(destination["EventDestination"]["MatchingEventTypes"])
            if told != {"delivery", "bounce", "reject", "renderingFailure"}:
                yield f"of an e-mail is told {sorted(told)}"
            if not destination["EventDestination"].get("Enabled"):
                yield "of an e-mail nothing is told"
        may = [s["Resource"] for _, s in statements(stack) if "ses:SendEmail" in as_list(s["Action"])]
        prefix = f"arn:aws:ses:{ACCOUNT}"
        ours = [f"{prefix}:identity/{parameters['EmailIdentity']}", f"{prefix}:configuration-set/sinch-email"]
        if may != ([ours] if sends else []):
            yield f"the function may send as {may}"


def an_address_to_send_from_needs_its_identity(template: Template) -> Complaints:
    rule = template.get("Rules", {}).get("EmailNeedsItsIdentity", {})
    given, needed = ({"Fn::Not": [{"Fn::Equals": [{"Ref": name}, ""]}]} for name in ("EmailFrom", "EmailIdentity"))
    if rule.get("RuleCondition") != given or needed not in [a["Assert"] for a in rule.get("Assertions", [])]:
        yield "an e-mail would be sent as nobody"


def the_identity_stays_when_the_stack_goes(template: Template) -> Complaints:
    for _, stack in stacks(template):
        for name in of(stack, "AWS::SES::EmailIdentity"):
            found = stack[name].get("DeletionPolicy"), stack[name].get("UpdateReplacePolicy")
            if found != ("RetainExceptOnCreate", "Retain"):
                yield f"{name} goes with the stack, and others' e-mails with it: {found}"


def nothing_is_granted_by_wildcard_where_a_name_would_do(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from wildcards(stack, WILDCARDS)


def the_role_grants_what_its_function_calls(template: Template) -> Complaints:
    for parameters, stack in stacks(template):
        email = {"ses:SendEmail"} if parameters["EmailFrom"] else set()
        yield from grants_that_differ(stack, {"RecoveryRole": ACTIONS | email})


def the_role_is_for_lambda_alone(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from roles_for_others(stack)


def parameters_that_may_be_read_are_the_access_key_and_the_switch(template: Template) -> Complaints:
    for parameters, stack in stacks(template):
        names = f"{parameters['AccessKeyParameterName']},/sinch/switch"
        yield from secrets_read(stack, names, "eu-central-1", ends=("",))
        written = [s["Resource"] for _, s in statements(stack) if "ssm:PutParameter" in as_list(s["Action"])]
        if written != [f"arn:aws:ssm:{ACCOUNT}:parameter/sinch/switch"]:
            yield f"the function may write to {written}"


def the_access_keys_key_is_used_through_ssm_alone(template: Template) -> Complaints:
    for parameters, stack in stacks(template):
        yield from keys_used(stack, parameters["AccessKeyKmsArn"], "eu-central-1")


def no_secret_is_in_the_template(template: Template) -> Complaints:
    yield from secrets_within(template, public=frozenset({"Switch"}))


def queues_delay_each_message_by_itself_and_are_encrypted(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from queues_without(stack, {"FifoQueue": None, "SqsManagedSseEnabled": True})


def queues_stay_when_the_stack_goes(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from queues_that_go(stack)


def intents_wait_for_a_day_and_everything_else_for_as_long_as_there_is(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from queues_without(stack, {"MaximumMessageSize": 1_048_576})
        found = {name: queue.get("MessageRetentionPeriod") for name, queue in of(stack, "AWS::SQS::Queue").items()}
        if found != {"IntentQueue": 86_400, "EventQueue": 1_209_600}:
            yield f"the queues keep for {found}"


def no_content_lies_among_dead_letters(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from queues_without(stack, {"RedrivePolicy": None})


def each_queue_has_its_reader(template: Template) -> Complaints:
    for _, stack in stacks(template):
        sources = of(stack, "AWS::Lambda::EventSourceMapping").values()
        read = sorted((target(s["EventSourceArn"]), target(s["FunctionName"])) for s in sources)
        if read != [("EventQueue", "RecoveryFunction"), ("IntentQueue", "RecoveryFunction")]:
            yield f"the queues are read by {read}"
        told = stack["RecoveryFunction"]["Properties"]["Environment"]["Variables"].get("INTENT_QUEUE_URL")
        if told != {"Ref": "IntentQueue"}:
            yield f"looks are put into {told}"


def visibility_timeout_is_six_times_the_functions(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from impatient_queues(stack)


def batches_fail_in_part(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from batches_that_fail_whole(stack)


def the_function_has_the_environment_that_it_reads(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from environments_that_differ(stack, ENVIRONMENT)


def the_function_is_traced_and_runs_as_chosen(template: Template) -> Complaints:
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
        arn = f"arn:aws:dynamodb:{ACCOUNT}:table/{existing}" if existing else {"Fn::GetAtt": ["RecoveryTable", "Arn"]}
        index = f"{arn}/index/by_look" if existing else "${RecoveryTable.Arn}/index/by_look"
        granted = {s["Sid"]: s["Resource"] for _, s in statements(stack) if s["Sid"] in ("KeepIntents", "FindDue")}
        if granted != {"KeepIntents": arn, "FindDue": index}:
            yield f"the function may write to {granted}, not to {arn}"
        found = stack["RecoveryFunction"]["Properties"]["Environment"]["Variables"].get("RECOVERY_TABLE_NAME")
        if found != (existing or {"Ref": "RecoveryTable"}):
            yield f"the function writes to {found}, not to {existing or 'its own'}"


def alarms_reach_someone(template: Template) -> Complaints:
    for parameters, stack in stacks(template):
        yield from silent_alarms(stack, parameters["AlarmTopicArn"])


def alarms_watch_what_can_go_wrong(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from watched_otherwise(stack, WATCHED)


def alarms_fill_nothing_in(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from filled(stack)


def quiet_is_no_alarm(template: Template) -> Complaints:
    for _, stack in stacks(template):
        for name, alarm in of(stack, "AWS::CloudWatch::Alarm").items():
            if alarm.get("TreatMissingData") == "breaching" or alarm["ComparisonOperator"] != "GreaterThanThreshold":
                yield f"{name} is raised where nothing is sent"


def metrics_are_looked_for_where_they_are_written(template: Template) -> Complaints:
    for _, stack in stacks(template):
        yield from metrics_elsewhere(stack)


def outputs_are_those_that_others_use(template: Template) -> Complaints:
    if template["Outputs"].keys() != OUTPUTS:
        yield f"outputs too many or missing: {sorted(template['Outputs'].keys() ^ OUTPUTS)}"


RULES = [
    nothing_is_sent_until_somebody_switches_it_on,
    it_is_the_receivers_table_bus_and_queue_that_it_reads,
    it_takes_what_the_receivers_stack_gives,
    it_looks_each_minute_and_is_invoked_by_its_schedule_alone,
    what_is_due_is_found,
    opt_outs_and_what_becomes_of_emails_reach_the_queue_and_nothing_else_does,
    emails_go_by_the_configuration_set_whose_events_come_back,
    an_address_to_send_from_needs_its_identity,
    the_identity_stays_when_the_stack_goes,
    nothing_is_granted_by_wildcard_where_a_name_would_do,
    the_role_grants_what_its_function_calls,
    the_role_is_for_lambda_alone,
    parameters_that_may_be_read_are_the_access_key_and_the_switch,
    the_access_keys_key_is_used_through_ssm_alone,
    no_secret_is_in_the_template,
    queues_delay_each_message_by_itself_and_are_encrypted,
    queues_stay_when_the_stack_goes,
    intents_wait_for_a_day_and_everything_else_for_as_long_as_there_is,
    no_content_lies_among_dead_letters,
    each_queue_has_its_reader,
    visibility_timeout_is_six_times_the_functions,
    batches_fail_in_part,
    the_function_has_the_environment_that_it_reads,
    the_function_is_traced_and_runs_as_chosen,
    function_logs_have_an_end,
    lambda_writes_no_line_for_each_invocation_and_drops_none_of_ours,
    table_can_be_restored_forgets_and_is_encrypted,
    a_table_that_exists_takes_the_place_of_the_stacks_own,
    alarms_reach_someone,
    alarms_watch_what_can_go_wrong,
    alarms_fill_nothing_in,
    quiet_is_no_alarm,
    metrics_are_looked_for_where_they_are_written,
    outputs_are_those_that_others_use,
]
