import { SettingsReader } from "../settings.js";

/** Where a host of one's own listens: `HOST` (127.0.0.1) and `PORT` (8080). */
export function listenAt(lookup: (name: string) => string | undefined): {
  hostname: string;
  port: number;
} {
  const read = new SettingsReader("the environment variable", lookup);
  return {
    hostname: read.text("HOST") || "127.0.0.1",
    port: read.whole("PORT", 8080, [0, 65_535], "a port"),
  };
}

export function listening(hostname: string, port: number): void {
  console.log(`listening on http://${hostname}:${port}`);
}
