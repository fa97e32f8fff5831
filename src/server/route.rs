//! What a path asks for, once token and scope are taken out of it.

use http::request::Parts;
use http::uri::PathAndQuery;
use percent_encoding::percent_decode_str;

use super::control::CONTROL_PATH;
use super::gate::TOKEN_HEADER;
use super::refusal::Refusal;
use crate::playback::Scope;

/// The header that names a scope.
pub const SCOPE_HEADER: &str = "x-bedrock-replay-scope";

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Route<'a> {
    /// The token that was shown.
    pub token: Option<String>,
    /// The scope, where the request names one.
    pub scope: Option<Scope>,
    /// Path and query behind both.
    pub path: &'a str,
}

impl<'a> Route<'a> {
    /// Reads a request's path and headers; a header wins over the path, since it is the
    /// call's own.
    pub fn of(parts: &'a Parts) -> Result<Self, Refusal> {
        let path = parts.uri.path_and_query().map_or("/", PathAndQuery::as_str);
        let (token, path) = prefix(path, "token")?;
        let (scope, path) = prefix(path, "scope")?;
        let token = header(parts, TOKEN_HEADER)?.map(str::to_owned).or(token);
        let scope = header(parts, SCOPE_HEADER)?.map(str::to_owned).or(scope);
        Ok(Self {
            token,
            scope: scope.map(Scope::new),
            path,
        })
    }

    /// What is asked of the endpoint itself, without the prefix.
    pub fn control(&self) -> Option<&'a str> {
        self.path.strip_prefix(CONTROL_PATH)
    }
}

fn header<'a>(parts: &'a Parts, name: &str) -> Result<Option<&'a str>, Refusal> {
    let Some(value) = parts.headers.get(name) else {
        return Ok(None);
    };
    let text = std::str::from_utf8(value.as_bytes());
    let text = text.map_err(|_| Refusal::invalid(format!("the header `{name}` is not UTF-8")))?;
    Ok(Some(text))
}

/// Takes `/NAME/VALUE` off a path.
fn prefix<'a>(path: &'a str, name: &str) -> Result<(Option<String>, &'a str), Refusal> {
    let value = path
        .strip_prefix('/')
        .and_then(|rest| rest.strip_prefix(name));
    let Some(value) = value.and_then(|rest| rest.strip_prefix('/')) else {
        return Ok((None, path));
    };
    let end = value.find(['/', '?']).unwrap_or(value.len());
    let (value, rest) = value.split_at(end);
    let value = percent_decode_str(value).decode_utf8();
    let value = value
        .map_err(|_| Refusal::invalid(format!("the {name} in the path is not UTF-8")))?
        .into_owned();
    Ok((Some(value), if rest.is_empty() { "/" } else { rest }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(path: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = http::Request::post(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn token_and_scope_are_taken_off_and_the_path_stays_as_it_was_written() {
        let parts = parts("/token/t%2F1/scope/my%20test/model/a%3A0/invoke?x=1", &[]);
        let route = Route::of(&parts).unwrap();
        assert_eq!(route.token.as_deref(), Some("t/1"));
        assert_eq!(route.scope, Some(Scope::new("my test")));
        assert_eq!(route.path, "/model/a%3A0/invoke?x=1");
    }

    #[test]
    fn a_header_is_the_calls_own_and_wins() {
        let parts = parts("/scope/a/model/m/invoke", &[(SCOPE_HEADER, "b")]);
        assert_eq!(Route::of(&parts).unwrap().scope, Some(Scope::new("b")));
    }

    #[test]
    fn a_path_without_either_is_left_alone() {
        for path in ["/model/m/converse", "/scopes/a", "/"] {
            let parts = parts(path, &[]);
            let route = Route::of(&parts).unwrap();
            assert_eq!((route.path, &route.scope), (path, &None));
        }
    }

    #[test]
    fn a_scope_that_is_no_text_is_refused() {
        assert!(Route::of(&parts("/scope/%FF/model/m/converse", &[])).is_err());
    }
}
