//! Whether a request comes from a page of ours, or from one of somebody else's in the same browser.

use axum::http::{HeaderMap, Method, header};

/// Whether a browser says that another origin has made the request: another site, or another port of
/// this machine. A link that a person follows to a page is none: nothing of it can be read there.
///
/// What is no browser says nothing of the kind, and is let through.
pub(crate) fn is_foreign(method: &Method, opens_page: bool, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(origin) = text("origin") {
        let host = text(header::HOST.as_str()).unwrap_or_default();
        let ours = origin.split_once("://").map(|(_, authority)| authority);
        if !ours.is_some_and(|authority| authority.eq_ignore_ascii_case(host)) {
            return true;
        }
    }
    match text("sec-fetch-site") {
        None | Some("same-origin" | "none") => false,
        Some(_) => {
            let is_read = matches!(*method, Method::GET | Method::HEAD);
            let is_opened = text("sec-fetch-mode") == Some("navigate")
                && text("sec-fetch-dest") == Some("document");
            !(is_read && opens_page && is_opened)
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn foreign(method: &Method, opens_page: bool, set: &[(&'static str, &'static str)]) -> bool {
        let host = [("host", "localhost:8081")];
        let pairs = host.iter().chain(set).map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        });
        is_foreign(method, opens_page, &pairs.collect())
    }

    #[test]
    fn another_site_and_another_port_are_foreign_and_a_link_to_a_page_is_not() {
        let get = &Method::GET;
        assert!(!foreign(get, false, &[]));
        for site in ["same-origin", "none"] {
            assert!(!foreign(&Method::POST, false, &[("sec-fetch-site", site)]));
        }
        for site in ["cross-site", "same-site", "else"] {
            let site = ("sec-fetch-site", site);
            let link = [
                site,
                ("sec-fetch-mode", "navigate"),
                ("sec-fetch-dest", "document"),
            ];
            let framed = [
                site,
                ("sec-fetch-mode", "navigate"),
                ("sec-fetch-dest", "iframe"),
            ];
            assert!(foreign(get, true, &[site]));
            assert!(!foreign(get, true, &link));
            assert!(foreign(get, false, &link));
            assert!(foreign(&Method::POST, true, &link));
            assert!(foreign(get, true, &framed));
        }
        for (origin, is_foreign) in [
            ("http://localhost:8081", false),
            ("https://LOCALHOST:8081", false),
            ("http://localhost:3000", true),
            ("http://localhost", true),
            ("https://attacker.example", true),
            ("null", true),
            ("", true),
        ] {
            for method in [get, &Method::POST] {
                assert_eq!(
                    foreign(method, false, &[("origin", origin)]),
                    is_foreign,
                    "{origin}"
                );
            }
        }
    }
}
