// What the package says of what cannot be meant: node --test misuse.mjs
//
// A rejection of the package makes Sinch give up. So what is the receiver's own mistake must be no
// rejection but an exception, which a host answers with 500: then Sinch retries.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { Readable } from "node:stream";
import { test } from "node:test";
import { runInNewContext } from "node:vm";

import { MOMENT, NAME, NOW_MS, SECRET, signed } from "./signing.mjs";

const dist = new URL("../../wasm-adapter/js/dist/", import.meta.url);
const body = new TextEncoder().encode('{"opt_in_notification":{}}');
const headers = signed(body, "nonce-1");

for (const name of ["full.inline.js", "edge.inline.js"]) {
  const api = await import(new URL(name, dist).href);
  const { ReplayGuard, Verifier, contentKey } = api;
  const verifier = new Verifier({ secrets: [SECRET] });
  const verify = (headers, given = /** @type {any} */ (body)) =>
    verifier.verify({ headers, body: given }, MOMENT);
  const throws = (run, text, what) =>
    assert.throws(
      run,
      (error) => {
        assert.ok(error instanceof TypeError || error instanceof RangeError, `${what}: ${error}`);
        assert.match(error.message, text, what);
        return true;
      },
      what,
    );

  test(`${name}: what may be headers is read`, () => {
    const pairs = Object.entries(headers);
    const forms = {
      object: headers,
      Headers: new Headers(headers),
      pairs,
      Map: new Map(pairs),
      generator: (function* () {
        yield* pairs;
      })(),
      "upper case": Object.fromEntries(pairs.map(([name, value]) => [name.toUpperCase(), value])),
      headersDistinct: Object.fromEntries(pairs.map(([name, value]) => [name, [value]])),
      "without prototype": Object.assign(Object.create(null), headers),
      "of another realm": runInNewContext(`(${JSON.stringify(headers)})`),
      "a class's own": Object.assign(new (class Names {})(), headers),
      CloudFront: Object.fromEntries(
        pairs.map(([name, value]) => [name, [{ key: name.toUpperCase(), value }]]),
      ),
      "CloudFront, without keys": Object.fromEntries(
        pairs.map(([name, value]) => [name, [{ value }]]),
      ),
      "with a number and what is absent": {
        ...headers,
        "content-length": 26,
        cookie: null,
        via: undefined,
      },
    };
    for (const [form, headers] of Object.entries(forms)) {
      assert.equal(verify(headers).code, "accepted", form);
    }
  });

  test(`${name}: headers without a signature are a bad callback, and stay a value`, () => {
    const absent = { [NAME]: undefined, [`${NAME}-nonce`]: null, [`${NAME}-timestamp`]: [] };
    const forms = [
      {},
      [],
      new Headers(),
      new Map(),
      Object.create(null),
      runInNewContext("({})"),
      absent,
      { host: "example.com" },
      { headers: "a header's value" },
      // biome-ignore lint/suspicious/noThenProperty: a header may have any name
      { get: "another", then: "one more" },
      { "content-length": 26, "set-cookie": ["a=b", "c=d"], host: [{ key: "Host", value: "h" }] },
    ];
    for (const headers of forms) {
      assert.equal(verify(headers).code, "missing_header");
    }
    // The rest of a signature does not make good for what is missing.
    const { [`${NAME}-nonce`]: _, ...rest } = headers;
    assert.equal(verify(rest).code, "missing_header");
    const twice = { ...headers, [NAME]: [{ value: headers[NAME] }, { value: headers[NAME] }] };
    assert.equal(verify(twice).code, "repeated_header");
  });

  test(`${name}: what cannot be headers throws what to pass`, () => {
    const incoming = new IncomingMessage(new Socket());
    Object.assign(incoming.headers, headers);
    const request = new Request("http://localhost/", { method: "POST", headers, body });
    const cases = {
      "a Promise": [Promise.resolve(headers), /a Promise: await it/],
      // biome-ignore lint/suspicious/noThenProperty: what this case is about
      "a thenable": [{ then() {} }, /a Promise: await it/],
      "a Promise of another realm": [runInNewContext("Promise.resolve({})"), /a Promise: await it/],
      "a fetch request": [request, /the whole request or event: pass its headers/],
      "a response": [new Response("", { headers }), /the whole request/],
      "Node's request": [incoming, /the whole request or event/],
      "an event of Lambda": [{ version: "2.0", headers, body: "" }, /the whole request or event/],
      "a context": [{ req: { headers }, res: {} }, /"req" is no header's value but an Object/],
      "a get-only object": [{ get: (name) => headers[name] }, /a method "get"/],
      "a get-only object of a class": [
        new (class {
          get(name) {
            return headers[name];
          }
        })(),
        /a method "get"/,
      ],
      "an object with other methods": [
        { raw: () => headers },
        /"raw" is no header's value but a Function/,
      ],
      "a class that hides them": [
        new (class {
          #headers = headers;
          entry() {}
        })(),
        /of a class/,
      ],
      "a polyfill's insides": [{ _map: new Map(Object.entries(headers)) }, /"_map" .* a Map/],
      "a Date": [new Date(), /of a class/],
      bytes: [new Uint8Array(0), /a Uint8Array/],
      "a form": [new FormData(), /a FormData/],
      "a query": [new URLSearchParams(), /a URLSearchParams/],
      rawHeaders: [Object.entries(headers).flat(), /a flat list such as rawHeaders/],
      "a string": [JSON.stringify(headers), /a string/],
      "a function": [() => headers, /a function/],
      nothing: [undefined, /undefined/],
      null: [null, /null/],
      "a number as value": [
        { ...headers, [`${NAME}-timestamp`]: 1_634_579_353 },
        /-timestamp must be .* not a Number/,
      ],
      "an object as value": [{ ...headers, [NAME]: { value: headers[NAME] } }, /not an Object/],
      "a list of other things": [{ ...headers, [NAME]: [Buffer.from("x")] }, /not a Uint8Array/],
      "CloudFront's without value": [{ ...headers, [NAME]: [{ key: NAME }] }, /not an Object/],
    };
    for (const [what, [headers, text]] of Object.entries(cases)) {
      throws(() => verify(headers), text, what);
    }
  });

  test(`${name}: bytes in whatever shell are a body`, () => {
    const { buffer } = body;
    const shared = new SharedArrayBuffer(body.length);
    new Uint8Array(shared).set(body);
    const roomy = new Uint8Array([1, 2, ...body, 3]);
    const forms = {
      ArrayBuffer: buffer,
      DataView: new DataView(buffer),
      "DataView within": new DataView(roomy.buffer, 2, body.length),
      Buffer: Buffer.from(body),
      within: roomy.subarray(2, 2 + body.length),
      SharedArrayBuffer: shared,
      "shared bytes": new Uint8Array(shared),
      "another realm's bytes": runInNewContext(`Uint8Array.of(${body})`),
      "another realm's buffer": runInNewContext(`Uint8Array.of(${body}).buffer`),
      "another realm's view": runInNewContext(`new DataView(Uint8Array.of(${body}).buffer)`),
    };
    const key = contentKey(body);
    for (const [form, given] of Object.entries(forms)) {
      assert.equal(verify(headers, given).code, "accepted", form);
      assert.equal(contentKey(given), key, form);
    }
    for (const empty of [new Uint8Array(), new ArrayBuffer(0), Buffer.alloc(0)]) {
      assert.equal(verify(signed(new Uint8Array(), "nonce-2"), empty).code, "accepted");
    }
    // Secrets too.
    const secret = new TextEncoder().encode(SECRET);
    for (const given of [secret, secret.buffer, new DataView(secret.buffer)]) {
      assert.equal(new Verifier({ secrets: [given] }).verify({ headers, body }, MOMENT).ok, true);
    }
  });

  test(`${name}: what is no body throws what it is and what to pass`, () => {
    const transferred = new Uint8Array([1, 2, 3]);
    structuredClone(transferred.buffer, { transfer: [transferred.buffer] });
    const cases = {
      "a string": ["text", /a string/],
      undefined: [undefined, /undefined: nothing has read it.*type.*read it before/],
      null: [null, /null: .*new Uint8Array\(\)/],
      "a Promise": [Promise.resolve(body), /a Promise: await it/],
      "a Blob": [new Blob([body]), /a Blob: .*await blob\.arrayBuffer/],
      "a File": [new File([body], "name"), /a File: /],
      "a web stream": [new Blob([body]).stream(), /a stream: read it/],
      "Node's stream": [Readable.from([body]), /a stream: read it/],
      "an async iterator": [
        (async function* () {
          yield body;
        })(),
        /a stream/,
      ],
      "the request": [
        new Request("http://h/", { method: "POST", body }),
        /a Request: .*request\.arrayBuffer/,
      ],
      "parsed JSON": [JSON.parse(new TextDecoder().decode(body)), /an object, perhaps parsed JSON/],
      "a list": [[...body], /an array/],
      "a Buffer as JSON": [
        JSON.parse(JSON.stringify(Buffer.from(body))),
        /became JSON.*body\.data/,
      ],
      "wider numbers": [new Uint16Array(body), /a Uint16Array: pass new Uint8Array\(body\.buffer/],
      "signed numbers": [new Int8Array(body), /an Int8Array: pass/],
      "a function": [() => body, /a function/],
      "a number": [7, /a number/],
      "what was handed on": [transferred, /transferred/],
    };
    for (const [what, [given, text]] of Object.entries(cases)) {
      throws(() => verifier.verify({ headers, body: given }, MOMENT), text, what);
      throws(() => contentKey(given), text, what);
    }
    throws(() => verifier.verify(), /the callback is missing/, "nothing at all");
    throws(() => verifier.verify(null, MOMENT), /the callback is missing/, "null");
    throws(
      () => verifier.verify(new Request("http://h/", { method: "POST", body }), MOMENT),
      /a stream/,
      "the request in place of the callback",
    );
  });

  test(`${name}: a time in seconds throws, and one in milliseconds does not`, () => {
    const guard = new ReplayGuard();
    const key = "0".repeat(32);
    const nows = [
      NOW_MS / 1000,
      Math.floor(Date.now() / 1000),
      0,
      1,
      performance.now(),
      99_999_999_999,
      1_795_629_010n,
    ];
    for (const nowMs of nows) {
      throws(() => verifier.verify({ headers, body }, { nowMs }), /must be seconds/, nowMs);
      throws(() => guard.claim(key, { nowMs }), /must be seconds/, nowMs);
    }
    for (const nowMs of [undefined, null, "1634579356000", Number.NaN, -NOW_MS, -1n, Infinity]) {
      throws(
        () => verifier.verify({ headers, body }, { nowMs }),
        /milliseconds since 1970/,
        String(nowMs),
      );
    }
    throws(() => verifier.verify({ headers, body }, { nowMs: new Date() }), /getTime/, "a Date");
    throws(() => verifier.verify({ headers, body }), /milliseconds since 1970/, "nothing");
    throws(
      () => verifier.verify({ headers, body }, NOW_MS),
      /milliseconds since 1970/,
      "the number alone",
    );
    assert.equal(verifier.verify({ headers, body }, { nowMs: 100_000_000_000 }).ok, false);
    assert.equal(verifier.verify({ headers, body }, { nowMs: BigInt(NOW_MS) }).ok, true);
    assert.equal(verifier.verify({ headers, body }, { nowMs: NOW_MS + 0.5 }).ok, true);
  });

  test(`${name}: an option that nobody knows throws the one that was likely meant`, () => {
    const secrets = [SECRET];
    const meant = {
      maxAge: "maxAgeSeconds",
      max_age_seconds: "maxAgeSeconds",
      max_age_secs: "maxAgeSeconds",
      maxAgeSecs: "maxAgeSeconds",
      maxageseconds: "maxAgeSeconds",
      maxAgeMs: "maxAgeSeconds",
      tolerance: "maxAgeSeconds",
      toleranceSeconds: "maxAgeSeconds",
      maxAhead: "maxAheadSeconds",
      maxAheadSecond: "maxAheadSeconds",
      clockSkew: "maxAheadSeconds",
      leeway: "maxAheadSeconds",
      maxBody: "maxBodyBytes",
      maxBodySize: "maxBodyBytes",
      bodyLimit: "maxBodyBytes",
      limit: "maxBodyBytes",
      algorithmheader: "algorithmHeader",
      algorithm: "algorithmHeader",
      secret: "secrets",
      Secrets: "secrets",
      signingKey: "secrets",
      verbatim: "verbatimSecrets",
      verbatimSecret: "verbatimSecrets",
    };
    for (const [name, option] of Object.entries(meant)) {
      const text = new RegExp(`no option "${name}": did you mean ${option}\\?`);
      throws(() => new Verifier({ secrets, [name]: 1 }), text, name);
    }
    throws(
      () => new Verifier({ secrets, key: "made-up" }),
      /the scheme conversation name no key: leave key off/,
    );
    throws(
      () => new Verifier({ secrets, colour: 1 }),
      /no option "colour": known are secrets, maxAgeSeconds/,
      "unlike all",
    );
    for (const [name, option] of Object.entries({
      memory: "memorySeconds",
      ttl: "memorySeconds",
      memorySecs: "memorySeconds",
      max: "capacity",
      maxEntries: "capacity",
      size: "capacity",
      capcity: "capacity",
      inFlight: "inFlightSeconds",
      inFlightMs: "inFlightSeconds",
      whenfull: "whenFull",
      onFull: "whenFull",
    })) {
      const text = new RegExp(`no option "${name}": did you mean ${option}\\?`);
      throws(() => new ReplayGuard({ [name]: 1 }), text, name);
    }
    for (const options of [undefined, null, SECRET, secrets, 7]) {
      throws(() => new Verifier(options), /as in new Verifier\(\{ secrets/, String(options));
    }
    throws(() => new Verifier({ secrets: SECRET }), /an array/, "a secret in place of secrets");
    throws(() => new Verifier({}), /secrets must be an array/, "none");
    throws(() => new Verifier({ secrets: [undefined] }), /is the variable set/, "unset");
    throws(() => new Verifier({ secrets: [{ text: SECRET }] }), /secrets\[0\]/, "an object");
    throws(
      () => new Verifier({ secrets, verbatimSecrets: "yes" }),
      /true or false/,
      "a text as flag",
    );
    throws(
      () => new Verifier({ secrets, algorithmHeader: true }),
      /"optional" or "required"/,
      "a flag as text",
    );
    throws(() => new Verifier({ secrets, maxAgeSeconds: "60" }), /a number/, "a text as number");
    throws(() => new Verifier({ secrets, maxAgeSeconds: null }), /a number/, "null as number");
    throws(
      () => verifier.verify({ headers, body }, { ...MOMENT, maxAgeSeconds: 1 }),
      /no "maxAgeSeconds"/,
      "an option in the moment",
    );
    throws(
      () => new ReplayGuard().claim(headers, MOMENT),
      /an accepted verdict/,
      "something else claimed",
    );
    throws(
      () => new ReplayGuard().claim(verify({}), MOMENT),
      /an accepted verdict/,
      "a rejection claimed",
    );
    throws(
      () => new ReplayGuard().confirm(undefined, MOMENT),
      /an accepted verdict/,
      "nothing confirmed",
    );
    throws(() => new ReplayGuard().confirm("0".repeat(32)), /./, "confirmed at no time");
    throws(
      () => new ReplayGuard().release(verify({})),
      /the ticket of the claim/,
      "a verdict released",
    );
  });

  if (api.diagnose === undefined) {
    continue;
  }
  const { Signer, diagnose, readCallback } = api;

  test(`${name}: what the full build adds is as strict`, () => {
    throws(
      () => diagnose({ headers, body }, { nowMs: NOW_MS }),
      /secrets must be an array/,
      "no secrets",
    );
    throws(() => diagnose({ headers, body }), /the options must be an object/, "no evidence");
    throws(
      () => diagnose({ headers, body }, { secrets: [7], nowMs: NOW_MS }),
      /secrets\[0\]/,
      "a number",
    );
    throws(
      () => diagnose({ headers, body }, { secret: SECRET, nowMs: NOW_MS }),
      /did you mean secrets/,
      "secret",
    );
    throws(
      () => diagnose({ headers, body }, { secrets: [SECRET], now: NOW_MS }),
      /did you mean nowMs/,
      "now",
    );
    throws(
      () => diagnose({ headers, body }, { secrets: [SECRET], previousSecrets: [], nowMs: NOW_MS }),
      /did you mean retiredSecrets/,
      "previousSecrets",
    );
    throws(() => new Signer({ secrets: [SECRET] }), /did you mean secret\?/, "secrets");
    throws(() => new Signer(SECRET), /as in new Signer/, "the secret alone");
    const signer = new Signer({ secret: SECRET });
    throws(
      () => signer.sign({ payload: body, nonce: "n", nowMs: NOW_MS }),
      /did you mean body/,
      "payload",
    );
    throws(
      () => signer.sign({ body, nonce: "n", nowMs: NOW_MS / 1000 }),
      /must be seconds/,
      "seconds",
    );
    throws(() => readCallback({}), /perhaps parsed JSON/, "an object");
    assert.deepEqual(readCallback(body.buffer), readCallback(body));
    assert.deepEqual(
      diagnose({ headers, body: body.buffer }, { secrets: [SECRET], nowMs: NOW_MS }),
      diagnose({ headers, body }, { secrets: [SECRET], nowMs: NOW_MS }),
    );
  });
}

test("a reception takes no verifier or guard that is gone, or of another instance", async () => {
  const { Reception, ReplayGuard, Verifier, init } = await import(new URL("slim.js", dist).href);
  const bytes = await readFile(new URL("edge.wasm", dist));
  init(new WebAssembly.Module(bytes));
  const reception = new Reception();
  const receive = (verifier, guard = undefined) =>
    reception.receive({ headers, body }, { ...MOMENT, verifier, guard });
  const gone = new Verifier({ secrets: [SECRET] });
  gone.dispose();
  assert.throws(() => receive(gone), { message: "this Verifier has been disposed of" });
  const verifier = new Verifier({ secrets: [SECRET] });
  const guard = new ReplayGuard();
  guard.dispose();
  assert.throws(() => receive(verifier, guard), {
    message: "this ReplayGuard has been disposed of",
  });
  assert.equal(receive(verifier).is, "hand_off");
  init(new WebAssembly.Module(bytes));
  assert.throws(() => receive(new Verifier({ secrets: [SECRET] })), {
    message: "this Verifier lives in another module: init was called since",
  });
});
