import { randomBytes } from "node:crypto";

const CLAIMS = 100_000;
const MAX_AGE_SECONDS = 86_400;

/** Bytes by which the linear memory grows for a guard with 100,000 live claims. */
export async function guardGrowth() {
  const { module, memory } = await instance();
  const nowMs = Date.now();
  const verifier = new module.Verifier({ secrets: ["made-up"], maxAgeSeconds: MAX_AGE_SECONDS });
  const before = memory().buffer.byteLength;
  const guard = new module.ReplayGuard({
    capacity: CLAIMS,
    memorySeconds: verifier.memorySeconds,
  });
  const keys = Array.from({ length: CLAIMS }, () => randomBytes(16).toString("hex"));
  for (const key of keys) {
    guard.claim(key, { nowMs });
  }
  if (guard.size !== CLAIMS) {
    throw new Error(`the guard holds ${guard.size} claims, expected ${CLAIMS}`);
  }
  return memory().buffer.byteLength - before;
}

/** A package of its own, and the memory of its WebAssembly, which it shows to nobody. */
async function instance() {
  const { Instance } = WebAssembly;
  const memories = [];
  WebAssembly.Instance = class extends Instance {
    /** @param {[WebAssembly.Module]} given */
    constructor(...given) {
      super(...given);
      memories.push(this.exports.memory);
    }
  };
  try {
    const module = await import(`${import.meta.resolve("sinch-callback/edge/schemes")}?guard`);
    // It is made with the first thing that needs it.
    new module.Verifier({ secrets: ["made-up"] });
    if (memories.length !== 1) {
      throw new Error(`the package has ${memories.length} memories, expected one`);
    }
    return { module, memory: () => memories[0] };
  } finally {
    WebAssembly.Instance = Instance;
  }
}
