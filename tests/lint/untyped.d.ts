// Packages that come without types.
declare module "express";
declare module "cloudflare:workers";

// Hosts whose types would be at odds with Node.js's.
declare const Bun: {
  readonly env: Readonly<Record<string, string | undefined>>;
  serve(options: object): unknown;
};
declare const Deno: {
  readonly env: { get(name: string): string | undefined };
  serve(options: object, handler: (request: Request) => unknown): unknown;
};
