import http from "node:http";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";

/**
 * Leads all calls of `node:https` to a loopback address, with the host that was meant in
 * `x-emulated-host`. `hosts` are those that exist.
 */
export function divertHttps(address, hosts, more = {}) {
  const { hostname, port } = new URL(address);
  https.request = (/** @type {any} */ { host, headers, ...options }, answered) => {
    if (!hosts.includes(host)) {
      throw new Error(`no such host: ${host}`);
    }
    const marked = { ...headers, ...more, "x-emulated-host": host };
    return http.request({ ...options, hostname, port, headers: marked }, answered);
  };
  syncBuiltinESMExports();
}
