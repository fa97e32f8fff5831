//! The canonical text of a JSON body in one pass over its bytes, without a tree: what a replay
//! does for each call. The few bodies that it leaves alone are read by way of
//! [`CanonicalBody`](super::CanonicalBody), and both ways lead to one text.

use std::ops::Range;

use jiter::{Jiter, JiterError, Peek};

use super::{MatchOn, Part};
use crate::exchange::{DEEPEST_JSON, Number, Operation, write_json_string};

/// A body that takes the other way: no JSON, nested too deeply, or a name with an escape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotPlain;

impl From<JiterError> for NotPlain {
    fn from(_: JiterError) -> Self {
        Self
    }
}

/// Appends the text; what was appended before an error is of no use.
pub(super) fn write_body(
    operation: Operation,
    body: &[u8],
    match_on: &MatchOn,
    out: &mut Vec<u8>,
) -> Result<(), NotPlain> {
    let mut pass = OnePass {
        tokens: Jiter::new(body),
        rules: Rules::new(operation, match_on),
        members: Vec::new(),
        sorted: Vec::new(),
    };
    let first = pass.tokens.peek()?;
    pass.value(first, Place::Root, DEEPEST_JSON, out)?;
    Ok(pass.tokens.finish()?)
}

/// Where a value stands, as far as it matters for what is taken out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    /// `CountTokens` wraps the request that it counts.
    Input,
    Converse,
    InferenceConfig,
    /// A number that an SDK may have widened from `f32`.
    Narrow,
    LeftOut,
    Other,
}

/// What the rules say about one operation.
struct Rules {
    operation: Operation,
    left_out: [Option<&'static str>; 2],
}

impl Rules {
    fn new(operation: Operation, match_on: &MatchOn) -> Self {
        let unless = |part, name| (!match_on.counts(&part)).then_some(name);
        let left_out = match operation {
            Operation::Converse | Operation::ConverseStream => {
                [unless(Part::RequestMetadata, "requestMetadata"), None]
            }
            Operation::StartAsyncInvoke => [
                unless(Part::ClientRequestToken, "clientRequestToken"),
                unless(Part::Model, "modelId"),
            ],
            _ => [None, None],
        };
        Self {
            operation,
            left_out,
        }
    }

    fn member(&self, of: Place, name: &str) -> Place {
        match (of, name) {
            (Place::Root, name) => self.root_member(name),
            (Place::Input, "converse") => Place::Converse,
            (Place::Converse, "inferenceConfig") => Place::InferenceConfig,
            (Place::InferenceConfig, "temperature" | "topP") => Place::Narrow,
            _ => Place::Other,
        }
    }

    fn root_member(&self, name: &str) -> Place {
        if self.left_out.contains(&Some(name)) {
            return Place::LeftOut;
        }
        match (self.operation, name) {
            (Operation::Converse | Operation::ConverseStream, "inferenceConfig") => {
                Place::InferenceConfig
            }
            (Operation::CountTokens, "input") => Place::Input,
            _ => Place::Other,
        }
    }
}

/// A member of an object that is being written, by its places in the text.
#[derive(Debug, Clone)]
struct Member {
    /// Without its quotation marks.
    name: Range<usize>,
    end: usize,
}

impl Member {
    /// With the quotation mark before its name.
    const fn start(&self) -> usize {
        self.name.start - 1
    }
}

struct OnePass<'a> {
    tokens: Jiter<'a>,
    rules: Rules,
    /// Members of all objects that are open.
    members: Vec<Member>,
    /// Where an object whose members came in another order is put together.
    sorted: Vec<u8>,
}

impl OnePass<'_> {
    fn value(
        &mut self,
        next: Peek,
        place: Place,
        levels: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), NotPlain> {
        match next {
            Peek::Null => {
                self.tokens.known_null()?;
                out.extend_from_slice(b"null");
            }
            Peek::True | Peek::False => {
                let is_true = self.tokens.known_bool(next)?;
                out.extend_from_slice(if is_true { b"true" } else { b"false" });
            }
            Peek::String => write_json_string(self.tokens.known_str()?, out),
            Peek::Array => self.array(levels, out)?,
            Peek::Object => self.object(place, levels, out)?,
            _ => {
                let written = self.tokens.known_number_bytes(next)?;
                match place {
                    Place::Narrow => {
                        let number = Number::read(written).as_f32();
                        out.extend_from_slice(number.as_str().as_bytes());
                    }
                    _ => Number::write_normal(written, out),
                }
            }
        }
        Ok(())
    }

    fn array(&mut self, levels: usize, out: &mut Vec<u8>) -> Result<(), NotPlain> {
        let open = out.len();
        let mut next = self.tokens.known_array()?;
        out.push(b'[');
        while let Some(first) = next {
            if out.len() > open + 1 {
                out.push(b',');
            }
            let below = levels.checked_sub(1).ok_or(NotPlain)?;
            self.value(first, Place::Other, below, out)?;
            next = self.tokens.array_step()?;
        }
        out.push(b']');
        Ok(())
    }

    fn object(&mut self, place: Place, levels: usize, out: &mut Vec<u8>) -> Result<(), NotPlain> {
        let first = self.members.len();
        let open = out.len();
        out.push(b'{');
        let mut name = self.tokens.known_object()?;
        while let Some(found) = name {
            let before = out.len();
            if self.members.len() > first {
                out.push(b',');
            }
            let inner = self.rules.member(place, found);
            let written = write_name(found, out)?;
            out.push(b':');
            let below = levels.checked_sub(1).ok_or(NotPlain)?;
            let next = self.tokens.peek()?;
            self.value(next, inner, below, out)?;
            if inner == Place::LeftOut {
                out.truncate(before);
            } else {
                let end = out.len();
                self.members.push(Member { name: written, end });
            }
            name = self.tokens.next_key()?;
        }
        self.sort(first, open, out);
        self.members.truncate(first);
        out.push(b'}');
        Ok(())
    }

    /// Puts the members that were written since `open` in order; of equal names the last one
    /// counts.
    fn sort(&mut self, first: usize, open: usize, out: &mut Vec<u8>) {
        let members = &mut self.members[first..];
        let is_sorted = members
            .windows(2)
            .all(|pair| out[pair[0].name.clone()] < out[pair[1].name.clone()]);
        if is_sorted {
            return;
        }
        members.sort_by(|a, b| out[a.name.clone()].cmp(&out[b.name.clone()]));
        self.sorted.clear();
        for (index, member) in members.iter().enumerate() {
            let name = &out[member.name.clone()];
            let next = members.get(index + 1);
            if next.is_some_and(|next| out[next.name.clone()] == *name) {
                continue;
            }
            self.sorted.push(b',');
            self.sorted
                .extend_from_slice(&out[member.start()..member.end]);
        }
        out.truncate(open + 1);
        out.extend_from_slice(&self.sorted[1..]);
    }
}

/// Names are compared as they are written, so they have to stand there without an escape.
fn write_name(name: &str, out: &mut Vec<u8>) -> Result<Range<usize>, NotPlain> {
    let start = out.len() + 1;
    write_json_string(name, out);
    let written = start..out.len() - 1;
    (written.len() == name.len())
        .then_some(written)
        .ok_or(NotPlain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::exchange::{Headers, Origin, Request, Target};
    use crate::identity::{CanonicalRequest, RequestKey};

    fn request(operation: Operation, body: &str) -> Request {
        Request {
            target: Target::model_call(operation, "m"),
            headers: Headers::default(),
            body: body.to_owned().into(),
            origin: Origin::default(),
            invocation: None,
        }
    }

    fn is_one(operation: Operation, body: &str, match_on: &MatchOn) {
        let request = request(operation, body);
        let canonical = CanonicalRequest::of(&request, match_on);
        assert_eq!(
            RequestKey::of(&request, match_on),
            canonical.key(),
            "{body}"
        );
    }

    fn plain(body: &str) -> Result<String, NotPlain> {
        let mut out = Vec::new();
        write_body(
            Operation::Converse,
            body.as_bytes(),
            &MatchOn::new(),
            &mut out,
        )?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn members_are_sorted_and_the_last_of_equal_names_counts() {
        let body = r#" {"b": {"y": 1.0, "x": []}, "a": 2, "b": {"x": {}, "x": "é\u00e9\n"}} "#;
        assert_eq!(plain(body).unwrap(), r#"{"a":2,"b":{"x":"éé\n"}}"#);
        assert_eq!(
            plain(r#"{"requestMetadata":{},"a":1}"#).unwrap(),
            r#"{"a":1}"#
        );
        assert_eq!(plain(r#"{"requestMetadata":[1]}"#).unwrap(), "{}");
    }

    #[test]
    fn what_is_not_plain_takes_the_other_way() {
        let deep = ["[".repeat(258), "]".repeat(258)].concat();
        for body in ["", "{", "{} x", "[1,]", r#"{"\n":1}"#, &deep] {
            assert_eq!(plain(body), Err(NotPlain), "{body}");
            is_one(Operation::Converse, body, &MatchOn::new());
        }
        let deepest = ["[".repeat(257), "]".repeat(257)].concat();
        assert_eq!(plain(&deepest).unwrap(), deepest);
    }

    /// Members that some rule knows, and others.
    fn any_body() -> impl Strategy<Value = String> {
        let number = prop_oneof![
            any::<f64>()
                .prop_filter("finite", |n| n.is_finite())
                .prop_map(|n| n.to_string()),
            any::<f32>()
                .prop_filter("finite", |n| n.is_finite())
                .prop_map(|n| format!("{:e}", f64::from(n))),
            "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,9})?([eE][-+]?[0-9]{1,3})?",
        ];
        let leaf = prop_oneof![
            Just("null".to_owned()),
            Just("true".to_owned()),
            number,
            "\\PC{0,9}".prop_map(|text| serde_json::to_string(&text).unwrap()),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            let name = prop_oneof![
                prop::sample::select(vec![
                    "inferenceConfig",
                    "temperature",
                    "topP",
                    "requestMetadata",
                    "input",
                    "converse",
                    "clientRequestToken",
                    "modelId",
                    "a",
                    "b",
                ])
                .prop_map(str::to_owned),
                "\\PC{0,3}",
            ];
            let member = (name, inner.clone()).prop_map(|(name, value)| {
                format!("{}: {value}", serde_json::to_string(&name).unwrap())
            });
            prop_oneof![
                prop::collection::vec(inner, 0..5)
                    .prop_map(|items| format!("[{}]", items.join(" , "))),
                prop::collection::vec(member.clone(), 0..7)
                    .prop_map(|members| format!("{{{}}}", members.join(","))),
                prop::collection::vec(member, 0..7)
                    .prop_map(|members| format!("{{ {} }}", members.join(" ,\n"))),
            ]
        })
    }

    proptest! {
        #[test]
        fn both_ways_lead_to_one_key(
            body in any_body(),
            operation in prop::sample::select(Operation::ALL.to_vec()),
        ) {
            let metadata = MatchOn::new().with_request_metadata().ignore_model();
            for match_on in [MatchOn::new(), metadata] {
                is_one(operation, &body, &match_on);
            }
        }

        #[test]
        fn no_bytes_make_the_writer_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = write_body(Operation::Converse, &bytes, &MatchOn::new(), &mut Vec::new());
        }
    }
}
