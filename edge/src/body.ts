/** A body as far as it was read. */
export interface ReadBody {
  readonly body: Uint8Array<ArrayBuffer>;
  /** Whether more was sent. */
  readonly truncated: boolean;
}

/** Reads the raw body, and no further than what tells that it is larger than `most` bytes. */
export async function readBody(request: Request, most: number): Promise<ReadBody> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = request.body?.getReader();
  while (reader !== undefined && length <= most) {
    const { done, value } = await reader.read();
    if (done) {
      break;
    }
    chunks.push(value);
    length += value.length;
  }
  const truncated = length > most;
  if (truncated) {
    // Nobody waits for the rest.
    reader?.cancel().catch(() => undefined);
  }
  const body = new Uint8Array(truncated ? most + 1 : length);
  let end = 0;
  for (const chunk of chunks) {
    const part = chunk.subarray(0, body.length - end);
    body.set(part, end);
    end += part.length;
  }
  return { body, truncated };
}
