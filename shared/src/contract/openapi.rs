//! The OpenAPI 3.1 document, made from the list.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::{Access, Declared, Method, all};
use crate::problem::{PROBLEM_JSON, ProblemDocument};

/// The OpenAPI document of every endpoint under `/v1/`.
#[must_use]
pub fn openapi() -> Value {
    let mut generator = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into())
        .into_generator();
    let problem = generator.subschema_for::<ProblemDocument>();
    let mut paths: Map<String, Value> = Map::new();
    for endpoint in all() {
        let operation = operation(&endpoint, &mut generator);
        let path = paths.entry(endpoint.path).or_insert_with(|| json!({}));
        path[endpoint.method.as_str().to_ascii_lowercase()] = operation;
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Mimamori",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Every call needs the client certificate of an enrolled terminal (mTLS).",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "responses": { "Problem": {
                "description": "What went wrong (RFC 9457)",
                "content": { PROBLEM_JSON: { "schema": problem } },
            } },
            "securitySchemes": {
                "certificate": { "type": "mutualTLS" },
                "session": { "type": "http", "scheme": "bearer" },
            },
        },
    })
}

fn operation(endpoint: &Declared, generator: &mut SchemaGenerator) -> Value {
    let in_path: Vec<&str> = endpoint.path.split(['{', '}']).skip(1).step_by(2).collect();
    let request = resolved((endpoint.request)(generator).to_value(), generator);
    let fields = request["properties"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    let required = request["required"].as_array().cloned().unwrap_or_default();

    let mut parameters: Vec<Value> = fields
        .iter()
        .filter(|(name, _)| endpoint.method == Method::Get || in_path.contains(&name.as_str()))
        .map(|(name, schema)| {
            let place = if in_path.contains(&name.as_str()) {
                "path"
            } else {
                "query"
            };
            let needed = place == "path" || required.contains(&json!(name));
            json!({ "name": name, "in": place, "required": needed, "schema": schema })
        })
        .collect();
    if endpoint.keyed {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": true,
            "description": "Made by the client for this write; a repeat gives the same answer and has no second effect.",
            "schema": { "type": "string", "format": "uuid" },
        }));
    }

    let response = (endpoint.response)(generator);
    let mut operation = json!({
        "operationId": endpoint.name,
        "summary": endpoint.summary.trim(),
        "parameters": parameters,
        "responses": {
            "200": {
                "description": "Done",
                "content": { "application/json": { "schema": response } },
            },
            "default": { "$ref": "#/components/responses/Problem" },
        },
        "security": [match endpoint.access {
            Access::Certificate => json!({ "certificate": [] }),
            Access::Session(_) => json!({ "certificate": [], "session": [] }),
        }],
    });
    if let Access::Session(roles) = endpoint.access {
        operation["x-roles"] = json!(roles.iter().map(|role| role.as_str()).collect::<Vec<_>>());
    }
    if endpoint.method != Method::Get {
        operation["requestBody"] = json!({
            "required": fields.len() > in_path.len(),
            "content": { "application/json": { "schema": body(request, &in_path) } },
        });
    }
    operation
}

/// Follows a reference into the definitions made so far.
fn resolved(schema: Value, generator: &SchemaGenerator) -> Value {
    match schema["$ref"]
        .as_str()
        .and_then(|path| path.rsplit('/').next())
    {
        Some(name) => generator.definitions().get(name).cloned().unwrap_or(schema),
        None => schema,
    }
}

/// The request without the fields that stand in the path.
fn body(mut request: Value, in_path: &[&str]) -> Value {
    let stays = |name: &str| !in_path.contains(&name);
    if let Some(fields) = request["properties"].as_object_mut() {
        fields.retain(|name, _| stays(name));
    }
    if let Some(required) = request["required"].as_array_mut() {
        required.retain(|name| name.as_str().is_some_and(stays));
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_every_endpoint_and_leaves_no_reference_open() {
        let document = openapi();
        for endpoint in all() {
            let method = endpoint.method.as_str().to_ascii_lowercase();
            let operation = &document["paths"][endpoint.path][method];
            assert_eq!(operation["operationId"], endpoint.name);
            let named = |name: &str| {
                operation["parameters"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|p| p["name"] == name)
            };
            for field in endpoint.path.split(['{', '}']).skip(1).step_by(2) {
                assert!(named(field), "{} lacks {field}", endpoint.name);
            }
            assert_eq!(named("Idempotency-Key"), endpoint.keyed);
        }
        let text = document.to_string();
        for reference in text.split("\"$ref\":\"#").skip(1) {
            let pointer = reference.split('"').next().unwrap();
            assert!(document.pointer(pointer).is_some(), "{pointer}");
        }
    }
}
