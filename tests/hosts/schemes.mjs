// Every scheme of the package, beyond its vectors: what is refused at the start, what is signed and verified
// again, how a reception receives it, and what an entry says that has but one.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";

const dist = new URL("../../wasm-adapter/js/dist/", import.meta.url);
const load = (name) => import(new URL(`${name}.inline.js`, dist).href);
const [edge, full, schemes] = await Promise.all(["edge", "full", "schemes"].map(load));

const NOW_MS = 1_700_000_000_000;
const MOMENT = { nowMs: NOW_MS };
const SECRET = "example-secret-not-real-1";
const KEY = "0c2d1b6e-8f57-4e0a-9a3f-7e1c9f405b7d";
const BASE64 = Buffer.from(SECRET).toString("base64");
const bytes = (text) => new TextEncoder().encode(text);
const body = bytes(`{"eventId":"e-1","event":"dice"}`);
const url = "https://callbacks.example/voice?tenant=7";

/** What each scheme is made of, and what its callbacks are signed with besides. */
const OF = {
  numbers: { options: { secrets: [SECRET] }, line: {} },
  application: { options: { key: KEY, secrets: [BASE64] }, line: { url } },
  service: { options: { key: KEY, secrets: [BASE64] }, line: { url } },
  mailgun: { options: { secrets: [SECRET] }, line: {}, nonce: "x".repeat(50) },
  "whatsapp-legacy": { options: { secrets: [SECRET] }, line: {}, nonce: "a-nonce" },
};

function signed(scheme, given = body) {
  const { options, line, nonce } = OF[scheme];
  const { secrets, ...rest } = options;
  const signer = new full.Signer({ scheme, ...rest, secret: secrets[0] });
  const what = { body: given, ...line, ...MOMENT, ...(nonce === undefined ? {} : { nonce }) };
  return { ...signer.sign(what), ...line };
}

for (const [name, api] of Object.entries({ full, schemes })) {
  for (const scheme of Object.keys(OF)) {
    test(`${name}, ${scheme}: what is signed is accepted, and says what it is worth`, () => {
      const verifier = new api.Verifier({ scheme, ...OF[scheme].options });
      const callback = signed(scheme);
      const verdict = verifier.verify(callback, MOMENT);
      assert.equal(verdict.code, "accepted");
      assert.match(verifier.promise, /authentic/);
      assert.match(verifier.notCovered, /not covered|are covered|is covered/);
      if (verdict.promise !== "timely") {
        assert.equal(verdict.notCovered, verifier.notCovered);
        assert.ok(!("ageSeconds" in verdict) && !("replayKey" in verdict));
      }
      assert.match(api.guardKey(verdict), /^[0-9a-f]{32}$/);
      const other = { ...callback, body: bytes(`{"eventId":"e-2","event":"dice"}`) };
      const expected = scheme === "mailgun" ? "malformed_proof" : "signature_mismatch";
      assert.equal(verifier.verify(other, MOMENT).code, expected);
    });

    test(`${name}, ${scheme}: a reception claims it, absorbs its copy, and knows where it came from`, () => {
      const { key } = OF[scheme].options;
      const reception = new api.Reception({ scheme, ...(key === undefined ? {} : { key }) });
      const verifier = new api.Verifier({ scheme, ...OF[scheme].options });
      const guard = new api.ReplayGuard();
      const callback = signed(scheme);
      assert.equal(reception.begin({ method: "POST", ...callback }), undefined);
      const means = { ...MOMENT, verifier, guard };
      const received = reception.receive(callback, means);
      assert.equal(received.is, "hand_off");
      assert.equal(received.claim.state, "first");
      guard.confirm(api.guardKey(received.verdict), MOMENT);
      assert.equal(reception.receive(callback, means).answer.code, "duplicate");
      const own = new api.Verifier({ secrets: [SECRET] });
      assert.throws(
        () => reception.receive(callback, { ...means, verifier: own }),
        /of the scheme/,
      );
    });
  }

  test(`${name}: a callback that waits for an answer is 422, and its relative is not`, () => {
    const reception = new api.Reception({ scheme: "application", key: KEY });
    const verifier = new api.Verifier({ scheme: "application", ...OF.application.options });
    const codeOf = (event) => {
      const callback = signed("application", bytes(JSON.stringify({ event })));
      const received = reception.receive(callback, { ...MOMENT, verifier });
      return received.is === "answer"
        ? [received.answer.status, received.answer.code]
        : received.is;
    };
    for (const event of ["ice", "ace", "pie", "VerificationRequestEvent"]) {
      assert.deepEqual(codeOf(event), [422, "answer_expected"], event);
    }
    for (const event of ["dice", "notify", "VerificationResultEvent"]) {
      assert.equal(codeOf(event), "hand_off", event);
    }
  });

  test(`${name}: where no time is signed, a mismatch may always be of a newer secret`, async () => {
    const reception = new api.Reception({ scheme: "numbers" });
    const verifier = new api.Verifier({ scheme: "numbers", secrets: ["another-secret-not-real"] });
    const source = (refresh) => ({ current: () => verifier, refresh: async () => refresh });
    const codeOf = async (refresh) => {
      const means = { ...MOMENT, verifier: source(refresh) };
      const received = await reception.receive(signed("numbers"), means);
      return received.is === "answer" ? received.answer.code : received.is;
    };
    const readAtSeconds = NOW_MS / 1000 + 100_000;
    assert.equal(await codeOf({ is: "recent", readAtSeconds }), "secret_may_be_newer");
    assert.equal(await codeOf({ is: "unchanged" }), "signature_mismatch");
    const ring = new api.Verifier({ scheme: "numbers", secrets: [SECRET] });
    assert.equal(await codeOf({ is: "newer", ring }), "hand_off");
  });

  test(`${name}: the head alone is judged before the body, in the scheme's own words`, () => {
    const reception = new api.Reception({ scheme: "service", key: KEY });
    const callback = signed("service");
    const without = (header) =>
      reception.begin({
        method: "POST",
        url,
        headers: Object.entries(callback.headers).filter(([other]) => other !== header),
      });
    for (const header of ["authorization", "x-timestamp", "content-type"]) {
      const answer = without(header);
      assert.deepEqual([answer.code, answer.header], ["missing_header", header]);
    }
    const headers = { ...callback.headers, authorization: "service other:x" };
    assert.equal(reception.begin({ method: "POST", url, headers }).code, "malformed_header");
    assert.equal(reception.begin({ method: "GET", url, headers }).code, "method_not_allowed");
  });

  test(`${name}: the public path counts, where something in front rewrites paths`, () => {
    const verifier = new api.Verifier({ scheme: "application", ...OF.application.options });
    const callback = signed("application");
    const codeOf = (line) => verifier.verify({ ...callback, url: undefined, ...line }, MOMENT).code;
    assert.equal(codeOf({ url: "/voice" }), "accepted");
    assert.equal(codeOf({ url: "/voice?tenant=8" }), "accepted");
    assert.equal(codeOf({ url: "/api/voice", publicPath: "/voice" }), "accepted");
    assert.equal(codeOf({ url: "/api/voice" }), "signature_mismatch");
    assert.equal(codeOf({ url: "/voice", method: "PUT" }), "signature_mismatch");
    assert.throws(() => codeOf({}), /this scheme signs the path: pass url/);
  });

  test(`${name}: what cannot be meant throws, with what to do`, () => {
    const make = (options) => new api.Verifier({ secrets: [SECRET], ...options });
    for (const [options, text] of [
      [
        { scheme: "fax" },
        /no scheme "fax": these callbacks are not signed.*nothing about them can be/,
      ],
      [{ scheme: "sms" }, /no scheme "sms": known are conversation, numbers, application/],
      [{ scheme: "engage" }, /no scheme "engage": known are/],
      [{ scheme: "application" }, /callbacks of the scheme application name a key: give its id/],
      [{ scheme: "numbers", key: "one" }, /the scheme numbers name no key/],
      [{ scheme: "service", key: 7 }, /key must be the id of a key/],
      [{ scheme: "service", key: "a:b" }, /the key's id is not/],
      [{ scheme: "service", key: KEY, secrets: ["not base64!"] }, /secrets\[0\].*is not base64/],
      [{ scheme: "numbers", secrets: ["made-up\n"] }, /secrets\[0\].*ends with white space/],
      [{ scheme: "numbers", secrets: [] }, /no secret is given/],
      [{ scheme: "numbers", secrets: Array(5).fill(SECRET) }, /more than 4 secrets/],
      [{ scheme: "numbers", algorithmHeader: "required" }, /is for the conversation scheme/],
    ]) {
      assert.throws(() => make(options), text);
    }
    assert.equal(make({ scheme: "numbers" }).scheme, "numbers");
  });

  test(`${name}: a host refuses secrets of fewer than 16 bytes, of the key and not of its text`, () => {
    const make = (options) => new api.Verifier({ strongSecrets: true, ...options });
    const short = /secrets\[0\]: the secret has fewer than 16 bytes: set a longer one at Sinch$/;
    const fifteen = Buffer.from("fifteen-bytes-x").toString("base64");
    assert.ok(fifteen.length > 16);
    for (const options of [
      { secrets: ["fifteen-bytes-x"] },
      { secrets: ["fifteen-bytes-x"], verbatimSecrets: true },
      { scheme: "numbers", secrets: ["fifteen-bytes-x"] },
      { scheme: "mailgun", secrets: ["fifteen-bytes-x"], verbatimSecrets: true },
      { scheme: "application", key: KEY, secrets: [fifteen] },
    ]) {
      assert.throws(() => make(options), short);
      // Whoever verifies for themselves takes it.
      assert.equal(typeof make({ ...options, strongSecrets: false }).memorySeconds, "number");
    }
    make({ secrets: ["sixteen-bytes-xx"] });
    make({ scheme: "numbers", secrets: ["sixteen-bytes-xx"] });
  });
}

test("Mailgun's proof covers another content, and the verdict says so", () => {
  const verifier = new full.Verifier({ scheme: "mailgun", secrets: [SECRET] });
  const [timestamp, token] = [String(NOW_MS / 1000), "t".repeat(50)];
  const signature = createHmac("sha256", SECRET)
    .update(timestamp + token)
    .digest("hex");
  const of = (event) =>
    bytes(JSON.stringify({ signature: { timestamp, token, signature }, event }));
  const [one, other] = ["delivered", "failed"].map((event) =>
    verifier.verify({ headers: {}, body: of(event) }, MOMENT),
  );
  assert.deepEqual([one.promise, other.promise], ["token_only", "token_only"]);
  assert.equal(one.tokenKey, other.tokenKey);
  assert.deepEqual(other.received, of("failed"));
  assert.ok(!("body" in other));
  assert.match(other.notCovered, /The event data is not covered/);
});

test("an entry with one scheme refuses secrets of fewer than 16 bytes too", () => {
  const make = (secret) => new edge.Verifier({ secrets: [SECRET, secret], strongSecrets: true });
  const short = /secrets\[1\]: the secret has fewer than 16 bytes: set a longer one at Sinch$/;
  assert.throws(() => make("fifteen-bytes-x"), short);
  make("sixteen-bytes-xx");
});

test("an entry with one scheme says where the others are", () => {
  const text = /knows the conversation scheme alone.*import sinch-callback\/edge\/schemes/;
  assert.throws(() => new edge.Verifier({ scheme: "numbers", secrets: [SECRET] }), text);
  assert.throws(() => new edge.Reception({ scheme: "numbers" }), text);
  const verifier = new edge.Verifier({ secrets: [SECRET] });
  assert.throws(() => verifier.notCovered, text);
  assert.equal(verifier.scheme, "conversation");
});
