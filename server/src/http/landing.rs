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
use shared::helpdesk::Helpdesk;

use super::answer::typed;
use crate::app::App;

const PAGE: &str = include_str!("landing/page.html");
const SCRIPT: &str = include_str!("landing/open.js");

/// The places in the page that are filled from the translation files, once a language.
const TEXTS: [&str; 6] = ["title", "what", "open", "paste", "password", "help"];

/// `GET /enrol`, and `GET /helpdesk`: how the helpdesk is reached, as JSON, for clients that have
/// no certificate to ask the terminals' listener with. It is no secret.
pub(super) fn route(app: &App) -> Router {
    let page = page(app.mail.helpdesk());
    let helpdesk = serde_json::to_vec(app.mail.helpdesk()).unwrap_or_default();
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
    let helpdesk = async move || typed("application/json", helpdesk.clone());
    Router::new()
        .route("/enrol", get(answer))
        .route("/helpdesk", get(helpdesk))
}

fn page(helpdesk: &Helpdesk) -> String {
    let mut page = PAGE.replace("{script}", SCRIPT);
    for language in ["ja", "en"] {
        for text in TEXTS {
            let place = format!("{{{text}.{language}}}");
            let sentence = t!(format!("landing.{text}"), locale = language);
            page = page.replace(&place, &sentence);
        }
        let ways = ways(helpdesk, language);
        page = page.replace(&format!("{{ways.{language}}}"), &ways);
    }
    page
}

/// How the helpdesk is reached, as items of a list; what the operator did not set is left out.
fn ways(helpdesk: &Helpdesk, language: &str) -> String {
    let phone = helpdesk
        .phone
        .as_ref()
        .map(|phone| t!("landing.phone", locale = language, phone = phone));
    let hours = helpdesk.hours.filter(|_| phone.is_some()).map(|hours| {
        let (opens, closes) = (hours.opens, hours.closes);
        t!(
            "landing.hours",
            locale = language,
            opens = opens,
            closes = closes
        )
    });
    let mail = helpdesk
        .mail
        .as_ref()
        .map(|mail| t!("landing.mail", locale = language, mail = mail));
    [phone, hours, mail]
        .into_iter()
        .flatten()
        .map(|way| format!("<li>{}</li>", escaped(&way)))
        .collect()
}

/// A text as it stands in HTML: what an operator wrote is no markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
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

    fn helpdesk() -> Helpdesk {
        serde_json::from_value(serde_json::json!({
            "phone": "03-0000-0000 <内線 & 1>",
            "mail": "helpdesk@example.jp",
            "hours": { "opens": "9:30", "closes": "18:15" },
        }))
        .unwrap()
    }

    #[test]
    fn the_page_says_how_the_helpdesk_is_reached_and_takes_no_markup_for_it() {
        let said = page(&helpdesk());
        for words in [
            "03-0000-0000 &lt;内線 &amp; 1&gt;",
            "helpdesk@example.jp",
            "9:30",
            "18:15",
        ] {
            assert_eq!(said.matches(words).count(), 2, "{words}");
        }
        assert!(!page(&Helpdesk::default()).contains("<li>03"));
        assert!(!page(&Helpdesk::default()).contains("{ways"));
    }

    #[test]
    fn the_page_speaks_both_languages_and_leaves_no_place_empty() {
        let page = page(&helpdesk());
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
        let page = page(&helpdesk());
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
