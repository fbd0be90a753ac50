use super::request_scheme::request_scheme;

request_scheme! {
    /// Voice v2: the lines of [`Application`](super::Application) with the word `service`, the id of the service and its secret.
    ///
    /// The headers of CloudEvents (`ce-id` and others) are not covered: an event is known again by its
    /// signature, and where Sinch sends it to a fallback, too, by its content.
    ///
    /// Source: Sinch's documentation of Voice v2's webhooks (preview), and the tests of its SDKs
    /// (`tests/vectors/schemes.json`).
    pub struct Service = "service";
}
