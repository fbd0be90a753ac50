/**
 * Callbacks as types, to the last field: all triggers of the Conversation API, and the callbacks of SMS,
 * Numbers and Hosting, Voice and Verification. Types, and what tells the kinds apart: no WebAssembly.
 *
 * @example
 * import { readCallback } from "sinch-callback/events";
 *
 * // Verified before, by `Verifier` or `createReceiver`.
 * const text = `{"eventId":"1","eventType":"PROVISIONING_TO_SMS_PLATFORM","status":"SUCCEEDED"}`;
 * const read = readCallback(JSON.parse(text));
 * switch (read.kind) {
 *   case "numbers":
 *     console.log(read.callback.eventType, read.callback.status); // PROVISIONING_TO_SMS_PLATFORM SUCCEEDED
 * }
 *
 * @module
 */
export * from "./generated/callbacks.js";
