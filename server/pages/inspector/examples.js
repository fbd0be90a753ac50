// Examples, signed when they are asked for, so that their time is right. All of it is made up.
const SECRET = "made-up-secret-of-an-example";

const REPORT = JSON.stringify({
  app_id: "01EB37HMH1M6SV18BSNS3G135H",
  accepted_time: "2026-01-02T03:04:05.678Z",
  project_id: "c36f3d3d-1513-2edd-ae42-11995557ff61",
  message_delivery_report: {
    message_id: "01EQBC1A3BEK731GY4YXEN0C2R",
    conversation_id: "01EPYATA64TMNZ1FV02JKF12JF",
    status: "DELIVERED",
    channel_identity: { channel: "SMS", identity: "12015550123", app_id: "" },
    contact_id: "01EXA07N79THJ20WSN6AS30TMW",
    metadata: "order-4711",
  },
});

const CALL = JSON.stringify({
  event: "dice",
  callId: "01AN4Z07BY79KA1307SR9X4MV3",
  duration: 12,
  result: "ANSWERED",
});

/**
 * @typedef {{ headers: [string, string][], body: string }} Signed
 * @typedef {(what: object) => Signed} Sign
 * @typedef {{ request: string, secret: string, path?: string }} Example
 */

/** @param {string} line @param {Signed} signed */
const http = (line, { headers, body }) =>
  [
    line,
    "Host: receiver.example",
    ...headers.map(([name, value]) => `${name}: ${value}`),
    "",
    body,
  ].join("\r\n");

const POST = "POST /sinch/callbacks HTTP/1.1";

/** @type {Record<string, (sign: Sign, now: number) => Example>} */
export const examples = {
  authentic: (sign, now) => {
    const signed = sign({
      scheme: "conversation",
      secret: { text: SECRET },
      body: REPORT,
      at: now - 3,
    });
    return { request: http(POST, signed), secret: SECRET };
  },
  rewritten: (sign, now) => {
    const signed = sign({
      scheme: "conversation",
      secret: { text: SECRET },
      body: REPORT,
      at: now - 3,
    });
    // What a framework does that parses a body and writes it again.
    const body = JSON.stringify(JSON.parse(REPORT), null, 2);
    return { request: http(POST, { ...signed, body }), secret: SECRET };
  },
  gateway: (sign, now) => {
    const secret = "bWFkZS11cC1zZWNyZXQtb2YtYW4tZXhhbXBsZQ==";
    const key = "a74b1566-0f18-4f8e-9c23-8e6b5df8fd3e";
    const signed = sign({
      scheme: "service",
      key,
      secret: { text: secret },
      path: "/prod/voice",
      body: CALL,
      at: now - 3,
    });
    return { request: http("POST /voice HTTP/1.1", signed), secret };
  },
  old: (sign, now) => {
    const signed = sign({
      scheme: "conversation",
      secret: { text: SECRET },
      body: REPORT,
      at: now - 7_205,
    });
    return { request: http(POST, signed), secret: SECRET };
  },
};
