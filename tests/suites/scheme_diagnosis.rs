//! Why a callback of a scheme is refused: each usual cause, found in a callback that was signed by
//! Python's `hmac` or by OpenSSL.

use sinch_callback::{
    Evidence,
    scheme::{Request, SchemeName},
};
use sinch_callback::{UnixSeconds, diagnose_by};
use sinch_callback_tests::SchemeVector;

/// A callback of the vectors, to be spoilt on its way.
struct Case {
    vector: SchemeVector,
    method: String,
    target: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    secrets: Vec<Vec<u8>>,
    retired: Vec<Vec<u8>>,
    public_paths: Vec<&'static str>,
    now: UnixSeconds,
}

impl Case {
    fn of(id: &str) -> Self {
        let vector = SchemeVector::all()
            .into_iter()
            .find(|vector| vector.id == id)
            .unwrap_or_else(|| panic!("no vector is {id}"));
        let headers = vector.headers().into_iter();
        Self {
            method: vector.request().method().into(),
            target: vector.request().target().into(),
            headers: headers.map(|(name, value)| (name.into(), value)).collect(),
            body: vector.body(),
            secrets: vector.secrets(),
            retired: Vec::new(),
            public_paths: Vec::new(),
            now: vector.now(),
            vector,
        }
    }

    fn codes(&self) -> Vec<&'static str> {
        let evidence = Evidence::new(&self.body, &self.secrets, self.now)
            .with_retired_secrets(&self.retired)
            .with_public_paths(&self.public_paths);
        let headers = self.headers.iter();
        let headers = headers.map(|(name, value)| (name.as_str(), value.as_slice()));
        let request = Request::new(&self.method, &self.target);
        let causes = diagnose_by(&self.vector.scheme(), request, headers, &evidence);
        assert!(causes.iter().all(|cause| !cause.to_string().is_empty()));
        causes.iter().map(|cause| cause.code()).collect()
    }

    fn header(&mut self, name: &str) -> &mut Vec<u8> {
        let found = self.headers.iter_mut().find(|(found, _)| found == name);
        &mut found.unwrap_or_else(|| panic!("no {name}")).1
    }
}

/// The causes that are found in a vector as it stands.
fn of_vector(id: &str) -> Vec<&'static str> {
    Case::of(id).codes()
}

/// The causes that are found once an authentic callback was spoilt.
fn spoilt(id: &str, change: impl FnOnce(&mut Case)) -> Vec<&'static str> {
    let mut case = Case::of(id);
    assert_eq!(case.codes(), [] as [&str; 0], "{id} is authentic");
    change(&mut case);
    case.codes()
}

#[test]
fn vectors_that_are_refused_for_a_usual_cause_name_it() {
    for (id, codes) in [
        ("numbers-upper-case", ["signature_encoding"].as_slice()),
        ("numbers-base64", &["signature_encoding"]),
        ("numbers-prefixed", &["signature_encoding"]),
        ("numbers-with-space", &["header_not_trimmed"]),
        ("numbers-body-newline-added", &["newline_added"]),
        ("numbers-body-byte-order-mark", &["byte_order_mark_added"]),
        ("numbers-body-emptied", &["body_empty"]),
        ("numbers-retired-secret", &[]),
        ("numbers-body-status-changed", &[]),
        (
            "whatsapp-legacy-signature-upper-case",
            &["signature_encoding"],
        ),
        (
            "whatsapp-legacy-signature-unpadded",
            &["signature_encoding"],
        ),
        (
            "whatsapp-legacy-moved-from-the-body-into-the-nonce",
            &["boundary_shift"],
        ),
        ("mailgun-upper-case", &["signature_encoding"]),
        ("mailgun-stale", &["too_old"]),
        ("mailgun-from-the-future", &["clock_behind"]),
        ("mailgun-of-a-stranger", &[]),
        ("application-stale", &["too_old"]),
        ("application-from-the-future", &["clock_behind"]),
        ("application-authorization-other-word", &["other_word"]),
        ("service-authorization-other-word", &["other_word"]),
        ("application-authorization-other-key", &["other_key_id"]),
        (
            "application-authorization-unpadded",
            &["signature_encoding"],
        ),
        (
            "application-authorization-hexadecimal",
            &["signature_encoding"],
        ),
        (
            "application-content-type-charset-in-capitals",
            &["content_type_changed"],
        ),
        (
            "application-content-type-without-the-space",
            &["content_type_changed"],
        ),
        (
            "application-content-type-without-the-charset",
            &["content_type_changed"],
        ),
        (
            "application-without-content-type",
            &["content_type_changed"],
        ),
        ("application-time-doubled-name", &["header_name_in_value"]),
        (
            "published-application-node-doubled",
            &["header_name_in_value"],
        ),
        ("application-path-percent-decoded", &["path_encoding"]),
        ("application-query-signed", &["query_signed"]),
        ("application-another-method", &["method_changed"]),
        ("application-secret-not-decoded", &["secret_not_decoded"]),
        ("application-body-newline-added", &["newline_added"]),
        ("published-voice-v2-empty-body-python", &["body_empty"]),
        ("application-of-a-stranger", &[]),
        ("application-time-renewed", &[]),
        ("engage-body-alone", &["body_signed_alone"]),
        ("engage-joined-by-newlines", &["joined_by_line_breaks"]),
        ("engage-other-digest", &["other_digest"]),
        ("engage-another-key", &["other_key_id"]),
        ("engage-unknown-key", &["other_key_id"]),
        ("engage-key-not-in-the-ring", &["other_key_id"]),
        ("engage-another-method", &["method_changed"]),
        ("engage-signature-unpadded", &["signature_encoding"]),
        ("engage-body-newline-added", &["newline_added"]),
        ("engage-stale", &["too_old"]),
        ("engage-from-the-future", &["clock_behind"]),
        ("engage-date-renewed", &[]),
        (
            "conversation-dotnet-multiline-with-crlf",
            &["line_endings_changed"],
        ),
        (
            "conversation-dotnet-multiline-without-the-last-newline",
            &["newline_lost"],
        ),
        (
            "conversation-dotnet-multiline-without-spaces",
            &["body_reserialized", "newline_lost"],
        ),
    ] {
        assert_eq!(of_vector(id), codes, "{id}");
    }
}

#[test]
fn what_a_gateway_does_to_the_path_is_named_with_and_without_the_public_path() {
    for id in ["application-callback", "service-callback", "engage-sha256"] {
        // A prefix that something put in front, and usual ones that something took off.
        let prefixed = spoilt(id, |case| case.target.insert_str(0, "/gateway/stage"));
        assert_eq!(prefixed, ["path_rewritten"], "{id}");
        let slash = spoilt(id, |case| {
            let end = case.target.find('?').unwrap_or(case.target.len());
            case.target.insert(end, '/');
        });
        assert_eq!(slash, ["path_rewritten"], "{id}");
    }
    let stripped = |case: &mut Case| case.target = "/dice".into();
    assert_eq!(spoilt("application-callback", stripped), [] as [&str; 0]);
    let known = spoilt("application-callback", |case| {
        stripped(case);
        case.public_paths = vec!["/sinch/callback/dice"];
    });
    assert_eq!(known, ["path_rewritten"]);
    let mounted = spoilt("application-callback", |case| {
        stripped(case);
        case.public_paths = vec!["/sinch/callback/"];
    });
    assert_eq!(mounted, ["path_rewritten"]);
    let with_type = spoilt("application-callback", |case| {
        case.target.insert_str(0, "/prod");
        *case.header("content-type") = b"application/json;charset=UTF-8".into();
    });
    assert_eq!(with_type, ["path_rewritten", "content_type_changed"]);
}

#[test]
fn a_query_that_was_lost_or_added_is_named_where_it_is_signed() {
    let added = spoilt("engage-root", |case| case.target.push_str("?utm=1"));
    assert_eq!(added, ["query_added"]);
    let lost = spoilt("engage-sha256", |case| {
        case.target = "/engage/callback".into();
        case.public_paths = vec!["/engage/callback?tenant=7"];
    });
    assert_eq!(lost, ["query_lost"]);
}

#[test]
fn what_is_wrong_with_a_secret_is_named_in_every_scheme() {
    let surrounded = |before: &'static str, behind: &'static str| {
        move |case: &mut Case| {
            let secret = &mut case.secrets[0];
            *secret = [before.as_bytes(), secret, behind.as_bytes()].concat();
        }
    };
    for id in [
        "numbers-event",
        "application-callback",
        "service-callback",
        "mailgun-event",
        "whatsapp-legacy-base64",
    ] {
        let quoted = spoilt(id, surrounded("\"", "\""));
        assert_eq!(quoted, ["secret_quoted"], "{id}");
        let named = spoilt(id, surrounded("SINCH_SECRET=", ""));
        assert_eq!(named, ["secret_named"], "{id}");
        let spaced = spoilt(id, surrounded("", "\n"));
        assert_eq!(spaced, ["secret_has_whitespace"], "{id}");
    }
    // The key itself, where its base64 is asked for, and the other way round.
    let decoded = spoilt("application-callback", |case| {
        case.secrets = vec![b"example-not-real".to_vec()];
    });
    assert_eq!(decoded, ["secret_not_decoded"]);
    let of_bytes = spoilt("application-secret-for-addresses", |case| {
        case.secrets = vec![b"\xff\xef\xfe\xff\xef".to_vec()];
    });
    assert_eq!(of_bytes, ["secret_was_decoded"]);
    let encoded = spoilt("numbers-event", |case| {
        case.secrets = vec![b"ZXhhbXBsZS1zZWNyZXQtbm90LXJlYWwtMQ==".to_vec()];
    });
    assert_eq!(encoded, ["signer_decodes_secret"]);
}

#[test]
fn what_is_wrong_with_a_mailgun_body_is_named() {
    let encoded = spoilt("mailgun-event", |case| {
        use base64ct::Encoding;
        case.body = base64ct::Base64::encode_string(&case.body).into_bytes();
    });
    assert_eq!(encoded, ["body_still_encoded"]);
    // What the parent's key has signed stands beside the subaccount's signature.
    let parent = spoilt("mailgun-event", |case| {
        let text = String::from_utf8(case.body.clone()).unwrap();
        let parent = text.replacen("\"signature\"", "\"parent-signature\"", 1);
        case.body = parent.into_bytes();
    });
    assert_eq!(parent, ["parent_signature"]);
}

#[test]
fn every_scheme_finds_a_retired_secret() {
    for (id, name) in [
        ("numbers-retired-secret", SchemeName::Numbers),
        ("application-of-a-stranger", SchemeName::Application),
        ("service-of-a-stranger", SchemeName::Service),
        ("mailgun-of-a-stranger", SchemeName::Mailgun),
        ("whatsapp-legacy-of-a-stranger", SchemeName::WhatsappLegacy),
    ] {
        let mut case = Case::of(id);
        assert_eq!(case.vector.scheme_name(), name);
        let signer: &[u8] = match name {
            SchemeName::Application | SchemeName::Service => b"YW5vdGhlci1ub3QtcmVhbA==",
            _ => b"example-secret-not-real-0",
        };
        case.retired = vec![signer.to_vec()];
        assert_eq!(case.codes(), ["previous_secret"], "{id}");
    }
}
