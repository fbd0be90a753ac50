// Cloudflare Workers: see wrangler.toml.
import { type GuardNamespace, durableGuard } from "./durable-guard.js";
import { front } from "./front.js";

export { CallbackGuard } from "./durable-guard.js";

/** Variables and secrets of front.ts; with the binding `GUARD`, the guard is exact. */
interface Env {
  readonly GUARD?: GuardNamespace;
  readonly [name: string]: unknown;
}

let handler: ((request: Request) => Promise<Response>) | undefined;

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    handler ??= make(env);
    return handler(request);
  },
};

function make(env: Env): (request: Request) => Promise<Response> {
  const { GUARD } = env;
  const lookup = (name: string): string | undefined => {
    const value = env[name];
    return typeof value === "string" ? value : undefined;
  };
  return GUARD === undefined
    ? front(lookup)
    : front(lookup, { guard: (memorySeconds) => durableGuard(GUARD, memorySeconds) });
}
