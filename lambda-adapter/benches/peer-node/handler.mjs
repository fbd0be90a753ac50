// What a careful user would write today: a Function URL handler that takes Sinch's callbacks with
// Sinch's own SDK and hands them to SQS with the AWS SDK.
import { createHash } from "node:crypto";

import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
// The one function that `ConversationCallbackWebhooks` calls, out of its own file: the package as a
// whole would start more slowly, and does not load, as it requires one that it does not depend on.
import { validateWebhookSignature } from "./node_modules/@sinch/sdk-client/dist/utils/authorization.helper.js";

const SECRET_SECONDS = 300;
const MAX_AGE_SECONDS = 86_400;

const ssm = new SSMClient({});
const sqs = new SQSClient({});

/** The secret, read again once it is older than that. */
let cached = { secret: undefined, until: 0 };

async function webhookSecret() {
  if (Date.now() >= cached.until) {
    const name = process.env.SECRET_PARAMETERS;
    const { Parameter } = await ssm.send(
      new GetParameterCommand({ Name: name, WithDecryption: true }),
    );
    cached = { secret: Parameter.Value, until: Date.now() + SECRET_SECONDS * 1000 };
  }
  return cached.secret;
}

const answer = (statusCode, code, detail) => {
  console.log(JSON.stringify({ level: "info", code, status: statusCode }));
  return {
    statusCode,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ code, detail }),
  };
};

/** A line in CloudWatch's embedded metric format. */
function metrics(values) {
  const units = { Accepted: "Count", CallbackAge: "Seconds", HandoffLatency: "Milliseconds" };
  const Metrics = Object.keys(values).map((Name) => ({ Name, Unit: units[Name] }));
  const CloudWatchMetrics = [{ Namespace: "SinchCallback", Dimensions: [["Function"]], Metrics }];
  console.log(
    JSON.stringify({
      _aws: { Timestamp: Date.now(), CloudWatchMetrics },
      Function: process.env.AWS_LAMBDA_FUNCTION_NAME,
      ...values,
    }),
  );
}

export async function handler(event) {
  const raw = event.body ?? "";
  const body = event.isBase64Encoded ? Buffer.from(raw, "base64").toString() : raw;

  let secret;
  try {
    secret = await webhookSecret();
  } catch (error) {
    console.error(error);
    return answer(503, "secret_unavailable", "the secret cannot be read");
  }
  if (!validateWebhookSignature(secret, event.headers, body)) {
    return answer(401, "signature_mismatch", "the signature does not match");
  }
  const signedAt = Number(event.headers["x-sinch-webhook-signature-timestamp"]);
  if (!(Math.abs(Date.now() / 1000 - signedAt) <= MAX_AGE_SECONDS)) {
    return answer(401, "stale", "the signed time is outside the window");
  }

  const contentKey = createHash("sha256").update(body).digest("hex").slice(0, 32);
  let group = contentKey;
  try {
    group = JSON.parse(body).message_delivery_report.message_id;
  } catch {
    // Not a delivery report: a group of its own.
  }
  const begun = performance.now();
  try {
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: process.env.QUEUE_URL,
        MessageBody: JSON.stringify({ body, signedAt, receivedAt: Date.now() }),
        MessageGroupId: group,
        MessageDeduplicationId: contentKey,
        MessageSystemAttributes: {
          AWSTraceHeader: { DataType: "String", StringValue: process.env._X_AMZN_TRACE_ID },
        },
      }),
    );
  } catch (error) {
    console.error(error);
    return answer(503, "handoff_unavailable", "the queue does not take the callback");
  }
  metrics({
    Accepted: 1,
    CallbackAge: Date.now() / 1000 - signedAt,
    HandoffLatency: performance.now() - begun,
  });
  return answer(200, "accepted", "the callback is queued");
}
