//! Lists of words, and how a word is looked up in one.

/// Words too common to carry a thought.
pub(super) const COMMON: &str = "a about after again all also always am an and another any anyone are as at be because \
    been before begin being both but by came can cannot could did do does doing don't done \
    each else end even every everyone few first for from get gets go goes going got had has \
    have he her here him his how i if in into is isn't it it's its just kind last less like \
    lot make makes many may me mean means more most much must my never next no nobody not \
    nothing now of off on one only or other our out over own put really right said same say \
    says see she should so some something still such sure take tell than that that's the \
    their them then there these they thing things think this those three time to too two \
    under up us very want was way we well were what whatever when where which while who \
    whole why will with without would yes you your";

/// Words that begin a clause without belonging to its thought.
pub(super) const FILLERS: &str = "and because but easy example hm hmm like maybe no now oh ok okay or perhaps so sure then \
    wait well yeah yes";

/// A word without the signs around it, in small letters.
pub(in crate::simulator) fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase()
        .replace('’', "'")
}

/// Whether the list holds the word.
pub(super) fn is_in(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|listed| listed == word)
}
