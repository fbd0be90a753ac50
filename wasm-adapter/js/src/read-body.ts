/** A body as far as it was read. */
export interface ReadBody {
  readonly body: Uint8Array;
  /** Whether more was sent. */
  readonly truncated: boolean;
}

/** `Request`, where the host's types have one. */
export type FetchRequest = typeof globalThis extends { Request: { readonly prototype: infer R } }
  ? R
  : object;

/**
 * Reads the raw body of a request, and of a body larger than `most` bytes no more than shows that it is.
 * Rejects where the body breaks off: answer that with 503, because Sinch does not retry a 400.
 *
 * The rest of a larger body stays unread: cancel `request.body` if your host does not do so by itself.
 *
 * @example
 * import { readBody } from "sinch-callback";
 *
 * const request = new Request("https://example.com/", { method: "POST", body: "0123456789" });
 * const { body, truncated } = await readBody(request, 4);
 * console.log(body.length, truncated); // 5 true
 */
export async function readBody(request: FetchRequest, most: number): Promise<ReadBody> {
  const reader = request.body?.getReader();
  const chunks = new Chunks(most);
  try {
    while (reader !== undefined && !chunks.areTooMany) {
      const { done, value } = await reader.read();
      if (done) {
        break;
      }
      chunks.push(value);
    }
  } finally {
    reader?.releaseLock();
  }
  return chunks.whole();
}

/** The chunks of a body, up to one byte more than may be. @internal */
export class Chunks {
  readonly #chunks: Uint8Array[] = [];
  readonly #most: number;
  #length = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether there are more bytes than may be, so that nothing more is worth reading. */
  get areTooMany(): boolean {
    return this.#length > this.#most;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  whole(): ReadBody {
    const truncated = this.areTooMany;
    const body = new Uint8Array(truncated ? this.#most + 1 : this.#length);
    let end = 0;
    for (const chunk of this.#chunks) {
      const part = chunk.subarray(0, body.length - end);
      body.set(part, end);
      end += part.length;
    }
    return { body, truncated };
  }
}
