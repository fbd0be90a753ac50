import { EdgeFailure } from "./edge-failure.mjs";
import { eventConfig, MEBIBYTE, returnedResponse } from "./origin-request.mjs";

/** The event of an origin response: the request as it went to the origin, and no body of either. */
export function originResponseEvent({ distribution, requestId, request, response }) {
  return {
    Records: [
      {
        cf: {
          config: eventConfig(distribution, "origin-response", requestId),
          request,
          response: {
            status: String(response.status),
            statusDescription: response.statusDescription,
            headers: response.headers,
          },
        },
      },
    ],
  };
}

/** The response as the function leaves it. Without a body of its own the origin's goes on. */
export function originResponseOutcome(event, result, originBody) {
  if (result === null || typeof result !== "object") {
    throw EdgeFailure.invalid("Lambda", "the function returned no response");
  }
  const response = returnedResponse(
    "origin-response",
    event.Records[0].cf.response.headers,
    result,
  );
  if (response.body.length > MEBIBYTE) {
    throw EdgeFailure.invalid(
      "Lambda",
      `a body of ${response.body.length} bytes; at most ${MEBIBYTE}`,
    );
  }
  return { ...response, body: response.hasBody ? response.body : originBody };
}
