//! Whether a method and a path lie within a right: part by part, `*` for one, `**` for all that follow.

use crate::model::Endpoint;

/// Whether a call lies within an endpoint. A path that is written with other escapes than the right is not the same path.
pub fn within(endpoint: &Endpoint, method: &str, path: &str) -> bool {
    (endpoint.method == "*" || endpoint.method == method) && fits(&endpoint.path, path)
}

fn fits(pattern: &str, path: &str) -> bool {
    if pattern == "**" {
        return true;
    }
    let mut parts = path.split('/');
    for one in pattern.split('/') {
        match (one, parts.next()) {
            ("**", Some(_)) => return true,
            ("*", Some(part)) if !part.is_empty() => {}
            (one, Some(part)) if one == part => {}
            _ => return false,
        }
    }
    parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: &str, pattern: &str, call: (&str, &str), expected: bool) {
        let endpoint = Endpoint { method: method.to_owned(), path: pattern.to_owned() };
        assert_eq!(within(&endpoint, call.0, call.1), expected, "{pattern} {call:?}");
    }

    #[test]
    fn a_right_reaches_as_far_as_it_says() {
        check("GET", "/people/*", ("GET", "/people/7"), true);
        check("GET", "/people/*", ("POST", "/people/7"), false);
        check("GET", "/people/*", ("GET", "/people"), false);
        check("GET", "/people/*", ("GET", "/people/"), false);
        check("GET", "/people/*", ("GET", "/people/7/card"), false);
        check("*", "/people/**", ("DELETE", "/people/7/card"), true);
        check("GET", "/people/**", ("GET", "/peoples/7"), false);
        check("GET", "**", ("GET", ""), true);
        check("GET", "", ("GET", ""), true);
        check("GET", "", ("GET", "/x"), false);
        check("GET", "/a%2Fb", ("GET", "/a/b"), false);
    }
}
