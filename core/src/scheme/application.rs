use super::request_scheme::request_scheme;

request_scheme! {
    /// Voice v1 and Verification v1: `authorization: application KEY:SIGNATURE`, HMAC-SHA256 in base64 over five lines (method, MD5 of the body, content type, time, path), under the secret decoded from base64.
    ///
    /// The path is the public one, without the query; the content type is signed byte for byte. The query and
    /// the other headers are not covered. The callbacks whose answer the caller waits for (`ice`, `ace`,
    /// `pie`, a verification request) [expect an answer](super::Scheme::expects_answer) that no queue can give.
    ///
    /// Source: Sinch's documentation of signed requests in Voice, and the tests of its SDKs
    /// (`tests/vectors/schemes.json`).
    pub struct Application = "application";
}
