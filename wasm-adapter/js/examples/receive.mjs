// What the receivers beside this file share: what becomes of a callback, and how a body is read.
import { ReplayGuard, Verifier, answer, contentKey, defaultOf, readCallback } from "sinch-callback";

/** What a report of a full SMS batch has room in. */
export const maxBodyBytes = defaultOf("maxBodyBytes");

/** @typedef {{ status: number, code: string, headers?: Record<string, string> }} Answered */

/**
 * Hands each authentic callback to `handOff`, and tells what it is answered. A hand-off that fails logs
 * why, and rejects.
 *
 * `handOff({ body, contentKey })` is durable once it returns, and knows a key again for a day: the guard
 * here forgets what is too much for it, and everything when the process ends.
 */
export function receiving({ secrets, handOff, now = Date.now }) {
  // A day back: Sinch retries that long, and may send a retry as it was.
  const maxAgeSeconds = defaultOf("loggedAgeSeconds");
  const verifier = new Verifier({ secrets, maxBodyBytes, maxAgeSeconds });
  // As long as a callback stays valid, its copies have to be known.
  const guard = new ReplayGuard({ capacity: 100_000, memorySeconds: verifier.memorySeconds });

  /** @returns {Promise<Answered>} */
  return async (headers, body) => {
    const moment = { nowMs: now() };
    const verdict = verifier.verify({ headers, body }, moment);
    if (!verdict.ok) {
      return verdict;
    }
    const claim = guard.claim(verdict, moment);
    if (claim.state === "done") {
      return answer("DUPLICATE");
    }
    if (claim.state === "in_flight") {
      // Its hand-off may still fail, so it must not be acknowledged: Sinch retries.
      return { status: 429, code: "in_flight", headers: { "retry-after": "1" } };
    }
    try {
      // Kept before it is read: it may be of a kind that Sinch has added since.
      await handOff({ body, contentKey: contentKey(body) });
    } catch {
      // The retry is the same callback again and must not pass for a duplicate.
      guard.release(claim.ticket);
      return answer("HANDOFF_UNAVAILABLE");
    }
    guard.confirm(verdict, moment);
    return answer("ACCEPTED");
  };
}

/** The raw body, and of one that is too large no more than tells it; throws where it breaks off. */
export async function readBody(request) {
  const chunks = [];
  let length = 0;
  // Whoever leaves this loop early leaves the connection alone, so that the answer gets out.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk);
    if ((length += chunk.length) > maxBodyBytes) {
      request.resume();
      break;
    }
  }
  return new Uint8Array(Buffer.concat(chunks)).subarray(0, maxBodyBytes + 1);
}

/** Node.js itself answers a request that breaks off with 400, and Sinch retries no 400. */
export function answerBroken(_error, socket) {
  const answer =
    "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
  socket.writable ? socket.end(answer, () => socket.destroy()) : socket.destroy();
}

/** Once for each server that an app runs in. */
export function retryWhatBreaks(server) {
  if (server !== undefined && !server.listeners("clientError").includes(answerBroken)) {
    server.on("clientError", answerBroken);
  }
}

/** In place of this: a write into a table whose key is unique. */
export async function show({ body, contentKey }) {
  const callback = readCallback(body);
  console.log(contentKey, callback.recognized ? callback.kind : callback.reason);
}
