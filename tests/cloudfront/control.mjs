import { answerJson, bodyOf, listen } from "./http.mjs";

/** What tests ask of a running distribution, over HTTP. README.md has the table. */
export async function control(distribution) {
  const routes = {
    "GET /state": () => ({
      exchanges: distribution.exchanges.length,
      calls: distribution.functionUrl.calls.length,
      requests: distribution.network.requests.length,
      environments: distribution.originRequest?.environments() ?? [],
    }),
    "GET /exchanges": () => distribution.exchanges,
    "GET /calls": () => distribution.functionUrl.calls,
    "GET /requests": () => distribution.network.requests,
    "GET /logs": () => distribution.logs,
    "POST /clock": ({ seconds }) => distribution.clock.set(seconds),
    "POST /fault": (fault) => {
      distribution.functionUrl.fault = fault;
    },
    "POST /pins": (pins) => {
      distribution.pins = pins;
    },
    "POST /origin": (changes) => {
      Object.assign(distribution.config.origin, changes);
    },
    "POST /redeploy": async () => {
      await Promise.all([distribution.originRequest.stop(), distribution.originResponse.stop()]);
    },
  };
  return listen(async (request, response) => {
    const [path, since = "0"] = request.url.split("?since=");
    const route = routes[`${request.method} ${path}`];
    if (!route) {
      answerJson(response, 404, { error: `no such route: ${request.method} ${path}` });
      return;
    }
    const body = await bodyOf(request);
    const result = (await route(body.length > 0 ? JSON.parse(body.toString()) : null)) ?? null;
    answerJson(response, 200, Array.isArray(result) ? result.slice(Number(since)) : result);
  });
}
