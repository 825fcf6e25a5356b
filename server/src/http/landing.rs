//! The page that a link opens in a browser: what to do with it, and nothing that could spend it.
//!
//! Id and fingerprint stand in the address's fragment, which browsers do not send. The page's one
//! script copies the fragment into the address that opens the client, on the reader's own
//! machine; the policy allows no other script and no connection anywhere.

use axum::{Router, body::Body, response::Response, routing::get};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderValue, header};
use rust_i18n::t;
use sha2::{Digest, Sha256};

const PAGE: &str = include_str!("landing/page.html");
const SCRIPT: &str = include_str!("landing/open.js");

/// The places in the page that are filled from the translation files, once a language.
const TEXTS: [&str; 6] = ["title", "what", "open", "paste", "password", "help"];

/// `GET /enrol`.
pub(super) fn route() -> Router {
    let page = page();
    let policy = policy();
    let answer = async move || {
        let mut response = Response::new(Body::from(page.clone()));
        let headers = response.headers_mut();
        for (name, value) in [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CACHE_CONTROL, "no-store"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        headers.insert(header::CONTENT_SECURITY_POLICY, policy.clone());
        response
    };
    Router::new().route("/enrol", get(answer))
}

fn page() -> String {
    let mut page = PAGE.replace("{script}", SCRIPT);
    for language in ["ja", "en"] {
        for text in TEXTS {
            let place = format!("{{{text}.{language}}}");
            let sentence = t!(format!("landing.{text}"), locale = language);
            page = page.replace(&place, &sentence);
        }
    }
    page
}

fn policy() -> HeaderValue {
    let script = STANDARD.encode(Sha256::digest(SCRIPT));
    let text = format!(
        "default-src 'none'; script-src 'sha256-{script}'; style-src 'unsafe-inline'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(text).expect("base64 and words are visible ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_speaks_both_languages_and_leaves_no_place_empty() {
        let page = page();
        assert!(page.contains("パスワード") && page.contains("password"));
        for text in TEXTS {
            for place in [format!("{{{text}."), format!("landing.{text}")] {
                assert!(!page.contains(&place), "{place}");
            }
        }
        assert_ne!(
            t!("landing.what", locale = "ja"),
            t!("landing.what", locale = "en")
        );
    }

    #[test]
    fn the_page_can_reach_nobody() {
        let page = page();
        for way in [
            "fetch", "XMLHttp", "http:", "https:", "<img", "<form", "src=",
        ] {
            assert!(!page.contains(way), "{way}");
        }
        let policy = policy();
        let policy = policy.to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"));
        // The browser runs the script only if this hash is that of the element's whole text.
        assert!(page.contains(&format!("<script>{SCRIPT}</script>")));
    }
}
