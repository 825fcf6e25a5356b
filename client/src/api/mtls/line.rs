//! The terminal's own line.

use futures_util::future::BoxFuture;
use http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Client, RequestBuilder};
use serde_json::Value;
use shared::contract::Method;
use shared::session::Token;

use super::super::{Answer, Call, Offered, Transport, Trouble, Unreachable};
use super::refusal::Door;
use super::{body, door, unreachable};

/// The header that makes a repeat of a write harmless.
const KEY: &str = "idempotency-key";

/// Carries calls over mutual TLS.
pub(super) struct TerminalLine {
    client: Client,
    door: Door,
    base: String,
}

impl TerminalLine {
    pub(super) fn new(client: Client, door: Door, terminals: &str) -> Self {
        Self {
            client,
            door,
            base: format!("https://{terminals}"),
        }
    }

    fn request(&self, call: Call) -> RequestBuilder {
        let method = match call.method {
            Method::Get => http::Method::GET,
            Method::Post => http::Method::POST,
            Method::Put => http::Method::PUT,
            Method::Delete => http::Method::DELETE,
        };
        let mut request = self
            .client
            .request(method, format!("{}{}", self.base, call.path))
            .header(ACCEPT_LANGUAGE, call.language.tag());
        if let Some(key) = call.key {
            request = request.header(KEY, key.to_string());
        }
        let bearer = |token: &Token| HeaderValue::from_str(&format!("Bearer {}", token.reveal()));
        if let Some(Ok(mut value)) = call.token.as_ref().map(bearer) {
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        match call.body {
            Some(body) => request
                .header(CONTENT_TYPE, "application/json")
                .body(body.to_string()),
            None => request,
        }
    }
}

impl Transport for TerminalLine {
    fn send(&self, call: Call) -> BoxFuture<'static, Result<Answer, Unreachable>> {
        let request = self.request(call);
        let door = self.door.clone();
        Box::pin(async move {
            let response = match request.send().await {
                Ok(response) => response,
                // A line that could not even be made is not asked about again.
                Err(error) if error.is_connect() => return Err(unreachable(&error)),
                Err(error) => return Err(door.told_apart(unreachable(&error)).await),
            };
            let status = response.status().as_u16();
            let bytes = body(response).await.map_err(|error| unreachable(&error))?;
            let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
            Ok(Answer { status, body })
        })
    }

    fn roots(&self) -> BoxFuture<'static, Result<Offered, Trouble>> {
        let (client, base) = (self.client.clone(), self.base.clone());
        Box::pin(async move { door::roots(&client, &base).await })
    }
}
