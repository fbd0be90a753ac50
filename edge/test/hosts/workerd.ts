import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";

import { keepLog } from "../kept-logs.js";
import { dist, requireHost } from "./installed.js";
import type { Told } from "../http.js";
import type { Callback } from "../sinch.js";
import type { Host, Variables } from "./process.js";

interface Module {
  readonly type: string;
  readonly path: string;
  readonly contents: string | Buffer;
}

const file = (type: string, name: string): Module => ({
  type,
  path: join(dist, name),
  contents: readFileSync(join(dist, name)),
});
const MODULES = [file("ESModule", "workers.js"), file("CompiledWasm", "schemes.wasm")];

/** What wrangler.toml says, as miniflare takes it. */
const worker = (
  name: string,
  variables: Variables,
  durableObjects?: object,
  modules: readonly Module[] = MODULES,
) => ({
  name,
  modules,
  modulesRoot: dist,
  compatibilityDate: "2025-01-01",
  bindings: variables,
  ...(durableObjects === undefined ? {} : { durableObjects }),
});

async function start(workers: readonly object[]) {
  const { Miniflare } = requireHost("miniflare");
  let printed = "";
  const read = (stream: Readable) =>
    stream.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const host = new Miniflare({
    host: "127.0.0.1",
    port: 0,
    // Otherwise it asks Cloudflare for a description of each request.
    cf: false,
    handleRuntimeStdio: (stdout: Readable, stderr: Readable) => [stdout, stderr].forEach(read),
    workers,
  });
  const url = new URL("/callbacks", await host.ready).href;
  const stop = async () => {
    await host.dispose();
    keepLog("host", printed);
  };
  return { url, host, stop };
}

export const workerd = (variables: Variables): Promise<Host> => start([worker("one", variables)]);

const GUARD = { GUARD: { className: "CallbackGuard", scriptName: "one", useSQLite: true } };

/** With the guard in a Durable Object. */
export const withObject = (variables: Variables): Promise<Host> =>
  start([worker("one", variables, GUARD)]);

/** Two isolates, and the guard in one Durable Object. `send` chooses the isolate. */
export async function twoIsolates(variables: Variables) {
  const { host, stop } = await start([
    worker("one", variables, GUARD),
    worker("other", variables, GUARD),
  ]);
  const isolates = await Promise.all([host.getWorker("one"), host.getWorker("other")]);
  const send = async (isolate: 0 | 1, { headers, body }: Callback): Promise<Told> => {
    const answer = await isolates[isolate].fetch("http://edge/callbacks", {
      method: "POST",
      headers,
      body,
    });
    const text = await answer.text();
    return [answer.status, text.startsWith("{") ? JSON.parse(text).code : text];
  };
  return { send, stop };
}

/** Takes `[method, ...arguments]` and gives what one object's methods give. */
const DRIVER = `
  import { CallbackGuard } from "./workers.js";
  export class Driven extends CallbackGuard {
    sweep() { return this.alarm(); }
    count() { return this.ctx.storage.sql.exec("SELECT 1 FROM claims").toArray().length; }
  }
  export default {
    async fetch(request, { GUARD }) {
      const guard = GUARD.get(GUARD.idFromName("one"));
      const results = [];
      for (const [method, ...rest] of await request.json()) {
        results.push((await guard[method](...rest)) ?? null);
      }
      return Response.json(results);
    },
  };`;

/** The Durable Object alone: `ask` runs calls of its methods, one after the other. */
export async function objectAlone() {
  const modules = [
    { type: "ESModule", path: join(dist, "driver.js"), contents: DRIVER },
    ...MODULES,
  ];
  const objects = { GUARD: { className: "Driven", useSQLite: true } };
  const { url, stop } = await start([worker("one", {}, objects, modules)]);
  const ask = async (calls: readonly unknown[][]): Promise<unknown[]> => {
    const answer = await fetch(url, { method: "POST", body: JSON.stringify(calls) });
    return answer.json();
  };
  return { ask, stop };
}
