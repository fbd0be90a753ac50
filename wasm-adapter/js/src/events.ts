/**
 * Callbacks as types, to the last field: all triggers of the Conversation API, and the callbacks of SMS,
 * Numbers and Hosting, Voice and Verification. Types, and what tells the kinds apart: no WebAssembly.
 *
 * @example
 * import { readCallback } from "sinch-callback/events";
 *
 * // Verified before, by `Verifier`.
 * const read = readCallback(JSON.parse(new TextDecoder().decode(body)));
 * switch (read.kind) {
 *   case "numbers":
 *     console.log(read.callback.resourceId, read.callback.status);
 * }
 *
 * @module
 */
export * from "./generated/callbacks.js";
