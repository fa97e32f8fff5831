//! The recorded request that is nearest to one that has no recording.

use super::pieces::Pieces;
use super::{CanonicalBody, CanonicalRequest, Difference};

/// Candidates that are compared place by place.
const COMPARED: usize = 8;

/// Looks for the nearest of many requests: each is compared roughly as it is offered, and the
/// best few place by place at the end. Of equally near ones the first offered wins.
#[derive(Debug)]
pub struct Nearest<'a, T> {
    requested: &'a CanonicalRequest,
    pieces: Pieces,
    /// The roughly nearest so far, nearest first.
    best: Vec<(usize, T, CanonicalRequest)>,
}

impl<'a, T> Nearest<'a, T> {
    /// A search for what is nearest to a request.
    #[must_use]
    pub fn to(requested: &'a CanonicalRequest) -> Self {
        Self {
            requested,
            pieces: pieces(requested),
            best: Vec::new(),
        }
    }

    /// Offers a recorded request and what it is known by.
    pub fn offer(&mut self, name: T, recorded: CanonicalRequest) {
        let distance = self.distance(&recorded);
        let place = self
            .best
            .partition_point(|(other, _, _)| *other <= distance);
        if place < COMPARED {
            self.best.insert(place, (distance, name, recorded));
            self.best.truncate(COMPARED);
        }
    }

    /// The nearest one and what the request has otherwise.
    #[must_use]
    pub fn find(self) -> Option<(T, Difference)> {
        let requested = self.requested;
        self.best
            .into_iter()
            .map(|(_, name, recorded)| (name, Difference::between(&recorded, requested)))
            .min_by_key(|(_, difference)| difference.weight())
    }

    /// A rough distance in pieces; another operation or model counts as some.
    fn distance(&self, recorded: &CanonicalRequest) -> usize {
        let operation = usize::from(recorded.operation() != self.requested.operation());
        let labels = usize::from(!recorded.labels().eq(self.requested.labels()));
        let headers = usize::from(!recorded.headers().eq(self.requested.headers()));
        self.pieces.distance(&pieces(recorded)) + 64 * operation + 4 * labels + headers
    }
}

fn pieces(request: &CanonicalRequest) -> Pieces {
    match request.body() {
        CanonicalBody::Json(json) => Pieces::of(json),
        CanonicalBody::Empty | CanonicalBody::Raw(_) => Pieces::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{Request, RequestParts};
    use crate::identity::MatchOn;

    fn canonical(model: &str, body: &str) -> CanonicalRequest {
        let request = Request::read(RequestParts {
            method: "POST",
            path_and_query: &format!("/model/{model}/converse"),
            host: "",
            headers: vec![],
            body: body.to_owned().into(),
        });
        CanonicalRequest::of(&request.unwrap(), &MatchOn::new())
    }

    fn turn(system: &str, turns: usize) -> String {
        let turns: Vec<String> = (0..turns)
            .map(|n| format!(r#"{{"content":[{{"text":"Turn {n}. What then?"}}]}}"#))
            .collect();
        format!(
            r#"{{"system":[{{"text":"{system}"}}],"messages":[{}]}}"#,
            turns.join(",")
        )
    }

    #[test]
    fn of_many_turns_the_one_with_the_edited_prompt_is_nearest() {
        let requested = canonical("m", &turn("Be kind. Ask one question.", 7));
        let mut nearest = Nearest::to(&requested);
        for turns in 0..200 {
            nearest.offer(
                turns,
                canonical("m", &turn("Be kind. Ask a question.", turns)),
            );
        }
        let (turns, difference) = nearest.find().unwrap();
        assert_eq!(turns, 7);
        assert_eq!(difference.count(), 1);
    }

    #[test]
    fn another_model_is_nearer_than_another_turn() {
        let requested = canonical("new", &turn("Be kind.", 3));
        let mut nearest = Nearest::to(&requested);
        nearest.offer(
            "other turn",
            canonical("new", &turn("Be strict. Say nothing of use, ever.", 12)),
        );
        nearest.offer("other model", canonical("old", &turn("Be kind.", 3)));
        assert_eq!(nearest.find().unwrap().0, "other model");
    }

    #[test]
    fn of_none_none_is_nearest() {
        let requested = canonical("m", "{}");
        assert_eq!(Nearest::<u8>::to(&requested).find(), None);
    }
}
