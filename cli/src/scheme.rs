use clap::Args;
use sinch_callback::scheme::{AnyScheme, InvalidScheme, Request, SchemeName};

use crate::command_error::CommandError;

/// How a product signs its callbacks.
#[derive(Args, Clone, Debug)]
pub(crate) struct SchemeArgs {
    /// How the callback is signed: conversation (Conversation, SMS), numbers (Numbers, Hosting, 10DLC),
    /// application (Voice v1, Verification), service (Voice v2), mailgun, engage, whatsapp-legacy. Fax
    /// signs nothing
    #[arg(long, value_name = "SCHEME", value_parser = scheme_name)]
    pub(crate) scheme: Option<SchemeName>,

    /// Id of the key that callbacks of application and service name: the application's key, or the
    /// service's id
    #[arg(long, value_name = "ID")]
    pub(crate) key: Option<String>,

    /// Path of the URL that Sinch calls, where it is signed and another one arrives here
    #[arg(long, value_name = "PATH", value_parser = path)]
    pub(crate) path: Option<String>,

    /// Method that is signed; the request's, or POST, if left out
    #[arg(long, value_name = "METHOD")]
    pub(crate) method: Option<String>,
}

impl SchemeArgs {
    /// The scheme of this name, with the key that is given.
    pub(crate) fn of(&self, name: SchemeName) -> Result<AnyScheme, CommandError> {
        AnyScheme::new(name, self.key.as_deref()).map_err(|error| {
            let remedy = match error {
                InvalidScheme::NeedsKey(SchemeName::Application) => {
                    ": --key ID, the application's key on the dashboard"
                }
                InvalidScheme::NeedsKey(_) => ": --key ID, the service's id",
                InvalidScheme::NamesNoKey(_) => ": --key",
                _ => "",
            };
            CommandError::Misuse(format!("{error}{remedy}"))
        })
    }

    /// The scheme, the Conversation API's where none is given.
    pub(crate) fn given(&self) -> Result<AnyScheme, CommandError> {
        self.of(self.scheme.unwrap_or(SchemeName::Conversation))
    }

    /// The request that is signed, of which this is what is known of method and path.
    pub(crate) fn request<'a>(
        &'a self,
        scheme: &AnyScheme,
        method: Option<&'a str>,
        target: Option<&'a str>,
    ) -> Result<Request<'a>, CommandError> {
        use sinch_callback::scheme::Scheme;
        let name = scheme.name();
        let method = self.method.as_deref().or(method).unwrap_or("POST");
        match self.path.as_deref().or(target) {
            Some(target) => Ok(Request::new(method, target)),
            None if name.signs_path() => Err(CommandError::Misuse(format!(
                "the scheme {name} signs the path: add --path with that of the URL that Sinch calls"
            ))),
            None => Ok(Request::new(method, "/")),
        }
    }
}

fn scheme_name(text: &str) -> Result<SchemeName, String> {
    if text.eq_ignore_ascii_case("fax") {
        return Err(
            "Fax callbacks are not signed: anybody can send one, and nothing can be verified. Keep the \
             URL secret, or have a password or mutual TLS in front"
                .into(),
        );
    }
    text.parse().map_err(|_| {
        let known: Vec<_> = SchemeName::ALL
            .iter()
            .map(|name| format!("{name} ({})", name.products()))
            .collect();
        format!("expected one of {}", known.join(", "))
    })
}

fn path(text: &str) -> Result<String, String> {
    if text.starts_with('/') {
        Ok(text.to_owned())
    } else {
        Err("a path begins with /, as in /sinch/callbacks".into())
    }
}
