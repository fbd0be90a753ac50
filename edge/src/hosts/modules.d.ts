// What the entries use of hosts whose own types would hide those of the platform.

declare module "cloudflare:workers" {
  export abstract class DurableObject {
    protected readonly ctx: DurableObjectState;
    constructor(ctx: DurableObjectState, env: unknown);
  }
}

interface DurableObjectState {
  readonly storage: {
    readonly sql: {
      exec(
        query: string,
        ...values: (string | number)[]
      ): {
        toArray(): Record<string, string | number | null>[];
      };
    };
    getAlarm(): Promise<number | null>;
    setAlarm(atMs: number): Promise<void>;
  };
}

declare const Bun: {
  readonly env: Readonly<Record<string, string | undefined>>;
  serve(options: {
    readonly hostname: string;
    readonly port: number;
    readonly maxRequestBodySize: number;
    readonly fetch: (request: Request) => Promise<Response>;
  }): { readonly port: number };
};

declare const Deno: {
  readonly env: { get(name: string): string | undefined };
  serve(
    options: {
      readonly hostname: string;
      readonly port: number;
      readonly onListen: (address: { readonly port: number }) => void;
    },
    handler: (request: Request) => Promise<Response>,
  ): unknown;
};
