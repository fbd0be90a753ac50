// What Lambda's Node.js runtime is to a handler, inside the environment's own process. Started by
// environment.mjs; talks to it over the channel that `fork` makes.
import { Socket } from "node:net";
import { pathToFileURL } from "node:url";

import { divertHttps } from "./divert.mjs";

const { handlerFile, name, networkUrl, hosts } = JSON.parse(process.argv[2]);
// A handler sees `node` and its own file.
process.argv.length = 1;

/** @type {number | null} */
let fixedMs = null;
const RealDate = Date;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, self) =>
    Reflect.construct(
      target,
      args.length === 0 && fixedMs !== null ? [fixedMs] : args,
      self === globalThis.Date ? target : self,
    ),
  apply: () => new globalThis.Date().toString(),
  get: (target, property) =>
    property === "now" ? () => fixedMs ?? target.now() : Reflect.get(target, property),
});

divertHttps(networkUrl, hosts, { "x-emulated-environment": name });

// Nothing else leads out of the environment.
const realConnect = Socket.prototype.connect;
Socket.prototype.connect = function connect(...args) {
  const [options] = Array.isArray(args[0]) ? args[0] : args;
  if (String(options?.port) !== new URL(networkUrl).port) {
    throw new Error("an environment reaches AWS's endpoints by node:https alone");
  }
  return realConnect.apply(this, /** @type {[any]} */ (args));
};

if (process.send === undefined) {
  throw new Error("it is started by environment.mjs");
}
const channel = { send: process.send.bind(process), on: process.on.bind(process) };
process.send = undefined;
const tell = (message) => channel.send(message);

let handler;
channel.on("message", async (/** @type {any} */ message) => {
  fixedMs = message.fixedMs;
  if (message.load) {
    try {
      const module = await import(pathToFileURL(handlerFile).href);
      handler = module.handler ?? module.default?.handler;
      if (typeof handler !== "function") {
        throw new TypeError("the bundle exports no handler");
      }
      tell({ loaded: true });
    } catch (error) {
      tell({ error: described(error) });
    }
    return;
  }
  const endsAt = performance.now() + message.timeoutMs;
  const context = {
    awsRequestId: message.id,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, endsAt - performance.now()),
  };
  try {
    // Lambda writes the result as JSON too.
    tell({
      id: message.id,
      result: JSON.stringify(await handler(message.event, context)) ?? "null",
    });
  } catch (error) {
    tell({ id: message.id, error: described(error) });
  }
});

function described(error) {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
