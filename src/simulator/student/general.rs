//! What a student of any persona may say.

use super::asked::Asked;

const MEMORY: &[&str] = &[
    "There was a day last year when exactly that happened, and I remember being surprised at how sure I was.",
    "The first thing that comes to mind is a quarrel at home. I was certain, and the others were just as certain.",
    "I can think of one time, but now that I tell it, it fits less well than I thought.",
    "Once it went the other way, and I told myself that it did not count.",
    "It came up on the bus this morning, with two people I do not even know. I nearly said something.",
];

const MEANING: &[&str] = &[
    "I mean it the way people usually mean it. But now that you ask, I could not say how they do.",
    "Put differently: it is what I would expect of anyone.",
    "To me it is mostly a feeling of standing on firm ground. As an explanation that is thin.",
    "I notice that I use it for several things at once.",
    "I would rather point at it than explain it. It is easier to see what it is not.",
];

const REASON: &[&str] = &[
    "Because I have never seen it otherwise. Though I have not looked very hard.",
    "At home it was always put like that, and it always worked.",
    "Mostly because the opposite sounds absurd to me.",
    "I could not prove it. It just goes with everything else that I think.",
    "Somebody I trust said it, and I never had a reason to ask again.",
];

const DOUBT: &[&str] = &[
    "Then something that I said before cannot stay as it is.",
    "Someone else could say the same words and mean the opposite, and I would have no answer.",
    "If I follow that, I end up somewhere I do not want to be.",
    "Maybe it holds only for as far as I have looked.",
    "I would have to give up a part of it. I am trying to see which part.",
    "It is strange: as long as nobody asks, it is clear to me.",
];

const ASSENT: &[&str] = &[
    "Yes, I suppose.",
    "No, not really.",
    "I could say yes now, but I would only be saying it.",
    "You seem to know the answer already.",
    "Perhaps. I have not thought of it that way.",
];

const NOTHING: &[&str] = &[
    "That may be so. It is still not the thing that I am stuck on.",
    "All right, but you are telling me, and I would like to see it myself.",
    "I have heard that before, and it did not help me then either.",
    "Okay. I do not know what to say to that.",
    "If it were that easy I would have done it.",
];

/// What comes late in a conversation, after the thought.
pub(super) const LATE: &[&str] = &[
    "I would not have put it like that when we began.",
    "I did not expect to get stuck there.",
    "I have to let that stand for a moment.",
    "That sounds different now from how it sounded in my head.",
];

/// What anyone may answer.
pub(super) const fn words(asked: Asked) -> &'static [&'static str] {
    match asked {
        Asked::Memory => MEMORY,
        Asked::Meaning => MEANING,
        Asked::Reason => REASON,
        Asked::Doubt => DOUBT,
        Asked::Assent => ASSENT,
        Asked::Nothing => NOTHING,
    }
}
