// What TypeScript makes of the package; compiled, never run.
import {
  type Accepted,
  type Callback,
  type Claim,
  type Diagnosis,
  type Received,
  Reception,
  type Rejected,
  ReplayGuard,
  type RejectionCode,
  Signer,
  type Unrecognized,
  type Verdict,
  Verifier,
  type Settled,
  answer,
  answerHeader,
  contentKey,
  diagnose,
  settle,
  readCallback,
} from "sinch-callback";
import * as edge from "sinch-callback/edge";
import edgeModule from "sinch-callback/edge/wasm";
import * as inline from "sinch-callback/inline";
import { init } from "sinch-callback/slim";
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

expectTypeOf(edge.Verifier).toEqualTypeOf(Verifier);
expectTypeOf(inline.Signer).toEqualTypeOf(Signer);
// @ts-expect-error the edge build has no signer
edge.Signer;
init(edgeModule);
