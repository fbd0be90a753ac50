// Lambda's loop, as AWS's own runtime for Node.js has it: take an event, run the handler, post its
// answer. That runtime (npm package aws-lambda-ric) is C++ in part and has to be compiled; this one
// stands in for it and does less: one connection kept open, nothing around the handler, and no ES
// module, whose loader would take some milliseconds of the start.
//
//   node runtime.cjs HANDLER.cjs
const { Agent, request } = require("node:http");

const [host, port] = String(process.env.AWS_LAMBDA_RUNTIME_API).split(":");
const agent = new Agent(/** @type {any} */ ({ keepAlive: true, noDelay: true }));

/** One exchange with the Runtime API: headers and text of its answer. */
function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
    const message = request({
      host,
      port,
      method,
      path: `/2018-06-01/runtime/${path}`,
      agent,
      headers,
    });
    message.on("error", reject);
    message.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (piece) => (text += piece));
      response.on("error", reject);
      response.on("end", () => resolve({ headers: response.headers, text }));
    });
    message.end(body);
  });
}

const failure = ({ name, message, stack }) =>
  JSON.stringify({ errorType: name, errorMessage: message, stackTrace: stack.split("\n") });

async function load() {
  try {
    return require(process.argv[2]).handler;
  } catch (error) {
    await call("POST", "init/error", failure(error));
    process.exit(1);
  }
}

async function serve() {
  const handler = await load();
  for (;;) {
    const { headers, text } = await call("GET", "invocation/next");
    const id = headers["lambda-runtime-aws-request-id"];
    process.env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"];
    try {
      const answer = await handler(JSON.parse(text));
      await call("POST", `invocation/${id}/response`, JSON.stringify(answer));
    } catch (error) {
      await call("POST", `invocation/${id}/error`, failure(error));
    }
  }
}

serve();
