//! How a request travels: which of its fields stand in the path, the query and the body.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Endpoint, Method};

/// A request taken apart for HTTP.
#[derive(Debug, PartialEq)]
pub struct Parts {
    /// The path with its fields filled in, and for a `GET` the query.
    pub path_and_query: String,
    /// The JSON body; absent for a `GET`.
    pub body: Option<Value>,
}

/// Takes a request apart for sending.
///
/// # Errors
/// A request that is not a struct, or whose path or query fields are not plain values.
pub fn to_parts<E: Endpoint>(request: &E::Request) -> Result<Parts, serde_json::Error> {
    use serde::ser::Error as _;
    let Value::Object(mut fields) = serde_json::to_value(request)? else {
        return Err(serde_json::Error::custom("a request is a struct"));
    };
    let mut path = String::new();
    for (at, piece) in E::PATH.split(['{', '}']).enumerate() {
        if at.is_multiple_of(2) {
            path.push_str(piece);
        } else {
            let value = fields
                .remove(piece)
                .ok_or_else(|| serde_json::Error::custom(format!("no field {piece}")))?;
            path.push_str(&plain(&value)?);
        }
    }
    if E::METHOD != Method::Get {
        return Ok(Parts {
            path_and_query: path,
            body: Some(Value::Object(fields)),
        });
    }
    let pairs: Vec<(String, String)> = fields
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| Ok((name, plain(&value)?)))
        .collect::<Result<_, serde_json::Error>>()?;
    if !pairs.is_empty() {
        path.push('?');
        path.push_str(&serde_urlencoded::to_string(pairs).map_err(serde_json::Error::custom)?);
    }
    Ok(Parts {
        path_and_query: path,
        body: None,
    })
}

/// Why a request could not be put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The field that is at fault, such as `details.phone` or `rows[3].name`; `None` when it is
    /// the request as a whole.
    pub field: Option<String>,
    /// What is wrong, in serde's words; a value refused by its own type reads `refused.REASON`.
    pub words: String,
}

impl Unreadable {
    fn whole(error: impl std::fmt::Display) -> Self {
        Self {
            field: None,
            words: error.to_string(),
        }
    }

    fn part<E: std::fmt::Display>(error: serde_path_to_error::Error<E>) -> Self {
        use serde_path_to_error::Segment;
        let unknown = |segment: &Segment| matches!(segment, Segment::Unknown);
        let path = error.path();
        let is_named = path.iter().len() > 0 && !path.iter().any(unknown);
        Self {
            field: is_named.then(|| path.to_string()),
            words: error.into_inner().to_string(),
        }
    }
}

/// Puts a request together from what arrived: the path's fields, the query of a `GET`, the body
/// of anything else (an absent body counts as an empty one).
///
/// # Errors
/// See [`Unreadable`].
pub fn from_parts<E: Endpoint>(
    path: impl IntoIterator<Item = (String, String)>,
    query: Option<&str>,
    body: &[u8],
) -> Result<E::Request, Unreadable> {
    if E::METHOD == Method::Get {
        return from_pairs(path, query.unwrap_or_default());
    }
    let mut fields = if body.is_empty() {
        Map::new()
    } else {
        serde_json::from_slice(body).map_err(Unreadable::whole)?
    };
    for (name, value) in path {
        fields.insert(name, Value::String(value));
    }
    serde_path_to_error::deserialize(Value::Object(fields)).map_err(Unreadable::part)
}

fn from_pairs<T: DeserializeOwned>(
    path: impl IntoIterator<Item = (String, String)>,
    query: &str,
) -> Result<T, Unreadable> {
    let mut pairs: Vec<(String, String)> =
        serde_urlencoded::from_str(query).map_err(Unreadable::whole)?;
    // A query must not stand in for a field of the path.
    for (name, value) in path {
        pairs.retain(|(other, _)| *other != name);
        pairs.push((name, value));
    }
    let text = serde_urlencoded::to_string(pairs).map_err(Unreadable::whole)?;
    let parsed = serde_urlencoded::Deserializer::new(form_urlencoded::parse(text.as_bytes()));
    serde_path_to_error::deserialize(parsed).map_err(Unreadable::part)
}

fn plain(value: &Value) -> Result<String, serde_json::Error> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        _ => Err(serde::ser::Error::custom(
            "a field of path or query is a plain value",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::follow_up::import::{StageChunk, StagedChunk};
    use crate::follow_up::work_list::{ListReturnees, WorkListQuery};
    use crate::id::ImportId;

    fn json(value: &impl serde::Serialize) -> Value {
        serde_json::to_value(value).expect("a contract type serialises")
    }

    #[test]
    fn a_query_arrives_as_it_was_asked() {
        let asked = WorkListQuery {
            search: Some("やまだ 090&x=1".into()),
            with_signs: true,
            limit: Some(28),
            ..WorkListQuery::default()
        };
        let parts = to_parts::<ListReturnees>(&asked).unwrap();
        let (path, query) = parts.path_and_query.split_once('?').unwrap();
        assert_eq!(path, "/v1/returnees");
        let arrived = from_parts::<ListReturnees>([], Some(query), b"").unwrap();
        assert_eq!(json(&arrived), json(&asked));
    }

    #[test]
    fn path_fields_leave_the_body_and_come_back() {
        let id = ImportId::new(1, [7; 10]);
        let asked = StagedChunk {
            id,
            number: "3".parse().unwrap(),
            rows: vec![],
        };
        let parts = to_parts::<StageChunk>(&asked).unwrap();
        assert_eq!(parts.path_and_query, format!("/v1/imports/{id}/chunks/3"));
        let body = parts.body.unwrap();
        assert_eq!(body, serde_json::json!({ "rows": [] }));
        let path = [
            ("id".to_owned(), id.to_string()),
            ("number".to_owned(), "3".to_owned()),
        ];
        let arrived = from_parts::<StageChunk>(path, None, body.to_string().as_bytes()).unwrap();
        assert_eq!(json(&arrived), json(&asked));
    }

    #[test]
    fn a_body_cannot_name_another_record_than_the_path() {
        let [mine, other] = [ImportId::new(1, [7; 10]), ImportId::new(1, [8; 10])];
        let body = serde_json::json!({ "id": other, "rows": [] }).to_string();
        let path = [
            ("id".to_owned(), mine.to_string()),
            ("number".to_owned(), "1".to_owned()),
        ];
        let arrived = from_parts::<StageChunk>(path, None, body.as_bytes()).unwrap();
        assert_eq!(arrived.id, mine);
    }
}
