/**
 * CloudFront cannot go on with a request: what it tells the viewer, under the name that AWS puts into
 * `X-Cache` and into its logs.
 */
export class EdgeFailure extends Error {
  constructor(status, name, cause) {
    super(cause);
    this.status = status;
    this.name = name;
  }

  /** A function returned what CloudFront does not take. */
  static invalid(runtime, cause) {
    return new EdgeFailure(502, `${runtime}ValidationError`, cause);
  }

  /** A function threw, took too long, or died. */
  static execution(runtime, cause) {
    return new EdgeFailure(503, `${runtime}ExecutionError`, cause);
  }

  /** All environments are taken. */
  static limit() {
    return new EdgeFailure(503, "LambdaLimitExceeded", "every environment of the function is busy");
  }

  /** The origin gave no answer. */
  static origin(status, cause) {
    return new EdgeFailure(status, "Error", cause);
  }

  /** AWS would do something here that this emulator does not; not an answer of AWS's. */
  static notModelled(cause) {
    return new EdgeFailure(500, "NotModelled", cause);
  }
}
