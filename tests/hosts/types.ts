// What TypeScript makes of the package; compiled, never run.
import {
  type Accepted,
  CachedSecrets,
  type Callback,
  type Claim,
  type Diagnosis,
  type Received,
  type ReceivedCallback,
  Reception,
  type Rejected,
  ReplayGuard,
  type RejectionCode,
  type SchemeName,
  type Signed,
  Signer,
  type TokenOnly,
  type Unrecognized,
  type Untimed,
  type Verdict,
  Verifier,
  type Settled,
  answer,
  answerHeader,
  contentKey,
  createReceiver,
  diagnose,
  settle,
  readCallback,
} from "sinch-callback";
import * as edge from "sinch-callback/edge";
import edgeModule from "sinch-callback/edge/wasm";
import * as inline from "sinch-callback/inline";
import { init } from "sinch-callback/slim";
import type { IncomingMessage, ServerResponse } from "node:http";
import { expectTypeOf } from "expect-type";

declare const request: Request;
declare const body: Uint8Array;
declare const incoming: { [name: string]: string | string[] | undefined };

const verifier = new Verifier({ secrets: ["one", body], maxAgeSeconds: 300 });
const verdict = verifier.verify({ headers: request.headers, body }, { nowMs: Date.now() });
expectTypeOf(verdict).toEqualTypeOf<Verdict>();
if (verdict.ok) {
  expectTypeOf(verdict).toEqualTypeOf<Accepted>();
  expectTypeOf(verdict.code).toEqualTypeOf<"accepted">();
  expectTypeOf(verdict.replayKey).toEqualTypeOf<string>();
} else {
  expectTypeOf(verdict).toEqualTypeOf<Rejected>();
  expectTypeOf(verdict.code).toEqualTypeOf<RejectionCode>();
  expectTypeOf(verdict.status).toEqualTypeOf<400 | 401 | 413 | 503>();
  expectTypeOf(verdict.header).toEqualTypeOf<string | undefined>();
}

// Each form of headers, and Node's Buffer.
verifier.verify({ headers: incoming, body: Buffer.from(body) }, { nowMs: 0 });
verifier.verify({ headers: [["name", "value"]], body }, { nowMs: 0n });
verifier.verify({ headers: new Map([["name", "value"]]), body }, { nowMs: 0 });

// CloudFront's, and those of an event of API Gateway.
verifier.verify(
  { headers: { host: [{ key: "Host", value: "value" }], via: [{ value: "value" }] }, body },
  { nowMs: 0 },
);
verifier.verify({ headers: { host: ["value"], via: null }, body }, { nowMs: 0 });
// Bytes in another shell.
verifier.verify({ headers: incoming, body: body.buffer as ArrayBuffer }, { nowMs: 0 });
verifier.verify({ headers: incoming, body: new DataView(body.buffer) }, { nowMs: 0 });

// @ts-expect-error a Promise is to be awaited
verifier.verify({ headers: Promise.resolve(request.headers), body }, { nowMs: 0 });
// @ts-expect-error a request has headers, and is none
verifier.verify({ headers: request, body }, { nowMs: 0 });
// @ts-expect-error the likely name is maxAgeSeconds
new Verifier({ secrets: ["one"], maxAge: 1 });
// @ts-expect-error a string body has been decoded already
verifier.verify({ headers: incoming, body: "text" }, { nowMs: 0 });
// @ts-expect-error the clock is the caller's
verifier.verify({ headers: incoming, body });
// @ts-expect-error a verifier without secrets verifies nothing
new Verifier({});
// @ts-expect-error a status of a refusal is none of an acceptance
verdict.status satisfies 401;

{
  using disposable = new Verifier({ secrets: ["one"] });
  disposable.memorySeconds satisfies number;
}

const guard = new ReplayGuard({ memorySeconds: verifier.memorySeconds, whenFull: "refuse" });
const claim = guard.claim("0".repeat(32), { nowMs: 0 });
expectTypeOf(claim).toEqualTypeOf<Claim>();
if (claim.state === "in_flight") {
  expectTypeOf(claim.sinceSeconds).toEqualTypeOf<number>();
  expectTypeOf(claim.ticket).toEqualTypeOf<undefined>();
}

if (verdict.ok) {
  guard.claim({ ...verdict }, { nowMs: 0 });
  guard.claim(structuredClone(verdict), { nowMs: 0 });
}

expectTypeOf(contentKey(body)).toEqualTypeOf<string>();
const callback = readCallback(body);
expectTypeOf(callback).toEqualTypeOf<Callback | Unrecognized>();
if (callback.recognized) {
  expectTypeOf(callback.reports[0]?.reason?.advice).toEqualTypeOf<string | undefined>();
}
expectTypeOf(diagnose({ headers: incoming, body }, { secrets: [], nowMs: 0 })).toEqualTypeOf<
  Diagnosis[]
>();
expectTypeOf(new Signer({ secret: "one" }).sign({ body, nonce: "n", nowMs: 0 })).toEqualTypeOf<
  Record<string, string>
>();

expectTypeOf(answerHeader()).toEqualTypeOf<string>();
expectTypeOf(answer("METHOD_NOT_ALLOWED").status).toEqualTypeOf<number>();
// @ts-expect-error there is no such answer
answer("TEAPOT");

const reception = new Reception({ maxAgeSeconds: 86_400 });
const arrival = { headers: request.headers, body };
new Response("", answer("UNKNOWN_PATH"));
const received = await reception.receive(arrival, { nowMs: 0, verifier, guard });
expectTypeOf(received).toEqualTypeOf<Received>();
if (received.is === "hand_off") {
  const { claim, verdict } = received;
  const callback = { replayKey: verdict.replayKey, ticket: claim?.ticket };
  expectTypeOf(settle({ status: 403, marked: false, callback })).toEqualTypeOf<Settled>();
  // @ts-expect-error a host knows what it made of a callback
  settle({ status: 403, marked: false });
}

// What a verdict is worth is in its type.
const body2 = { headers: incoming, body };
const numbers = new Verifier({ scheme: "numbers", secrets: ["one"] }).verify(body2, { nowMs: 0 });
if (numbers.ok) {
  expectTypeOf(numbers).toEqualTypeOf<Untimed>();
  expectTypeOf(numbers.notCovered).toEqualTypeOf<string>();
  // @ts-expect-error it has no age
  numbers.ageSeconds;
  // @ts-expect-error nor a key that a window bounds
  numbers.replayKey;
  // @ts-expect-error a guard in front of what is timely does not take it
  guard.claim(numbers, { nowMs: 0 });
  // @ts-expect-error nor does a function that needs timeliness
  ((timely: Accepted) => timely)(numbers);
}
const mailgun = new Verifier({ scheme: "mailgun", secrets: ["one"] }).verify(body2, { nowMs: 0 });
if (mailgun.ok) {
  expectTypeOf(mailgun).toEqualTypeOf<TokenOnly>();
  expectTypeOf(mailgun.received).toEqualTypeOf<Uint8Array>();
  // @ts-expect-error the age is the token's, not the event's
  mailgun.ageSeconds;
  // @ts-expect-error nothing says that the body is authentic
  mailgun.body;
}
const voice = new Verifier({ scheme: "application", key: "one", secrets: ["b25l"] });
const ace = voice.verify({ ...body2, url: request.url }, { nowMs: 0 });
if (ace.ok) {
  expectTypeOf(ace).toEqualTypeOf<Accepted>();
}
// @ts-expect-error the path is signed
voice.verify(body2, { nowMs: 0 });
// @ts-expect-error its callbacks name a key
new Verifier({ scheme: "service", secrets: ["b25l"] });
// @ts-expect-error callbacks of Numbers name none
new Verifier({ scheme: "numbers", key: "one", secrets: ["one"] });
// @ts-expect-error nobody signs a fax
new Verifier({ scheme: "fax", secrets: ["one"] });
declare const named: SchemeName;
const any = new Verifier<SchemeName>({ scheme: named, secrets: ["one"] });
const worth = any.verify({ ...body2, url: "/" }, { nowMs: 0 });
if (worth.ok && worth.promise === "untimed") {
  expectTypeOf(worth).toEqualTypeOf<Untimed>();
}
const untimed = new Reception({ scheme: "numbers" });
// @ts-expect-error another scheme's verifier
untimed.receive(arrival, { nowMs: 0, verifier });
expectTypeOf(
  new Signer({ scheme: "mailgun", secret: "one" }).sign({ body, nonce: "n", nowMs: 0 }),
).toEqualTypeOf<Signed>();

// A receiver fits where hosts take what answers requests.
const receiver = createReceiver({
  secrets: [process.env["SINCH_WEBHOOK_SECRET"]],
  keep: async (callback) => {
    expectTypeOf(callback).toEqualTypeOf<ReceivedCallback>();
    expectTypeOf(callback.verdict).toEqualTypeOf<Accepted>();
  },
});
expectTypeOf(receiver.fetch).toExtend<(request: Request) => Promise<Response>>();
expectTypeOf(receiver.fetch).toExtend<(request: Request, env: object) => Promise<Response>>();
expectTypeOf(receiver.node).toExtend<
  (request: IncomingMessage, response: ServerResponse) => void
>();
createReceiver({
  scheme: "numbers",
  secrets: async () => ["one"],
  refreshSeconds: 60,
  keep: ({ verdict }) => expectTypeOf(verdict).toEqualTypeOf<Untimed>(),
});
createReceiver({ verifier, guard: false, keep: () => {} });
const read = async () => ["one"];
const make = (secrets: readonly (string | Uint8Array | ArrayBuffer | DataView)[]) =>
  new Verifier({ secrets });
createReceiver({ verifier: new CachedSecrets({ read, make }), keep: () => {} });
// @ts-expect-error its callbacks name a key
createReceiver({ scheme: "service", secrets: ["b25l"], keep: () => {} });
// @ts-expect-error a receiver that keeps nothing receives nothing
createReceiver({ secrets: ["one"] });
// @ts-expect-error the verifier has its secrets
createReceiver({ secrets: ["one"], verifier, keep: () => {} });
// @ts-expect-error the likely name is keep
createReceiver({ secrets: ["one"], handler: () => {} });

expectTypeOf(edge.Verifier).toEqualTypeOf(Verifier);
expectTypeOf(inline.Signer).toEqualTypeOf(Signer);
// @ts-expect-error the edge build has no signer
edge.Signer;
init(edgeModule);
