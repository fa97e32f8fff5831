//! The survey: replays what is recorded, and books what is not.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::alike::means;
use super::cause::{Cause, Found, merged};
use super::estimate::{Estimate, Estimator, Means};
use super::ledger::{Book, book_replayed, book_unrecorded, lines};
use super::line::Line;
use super::places::{Place, places, scope};
use super::refusal::{Refusal, Refusals};
use super::role::Role;
use super::texts::Texts;
use crate::bench::call::CallFailure;
use crate::bench::heard::Speaking;
use crate::bench::plan::Plan;
use crate::bench::run::Run;
use crate::bench::transcript::Transcript;
use crate::cassette::{CassetteError, Reader};
use crate::client::{Cassette, ClientError, OpenError};
use crate::environment::Environment;
use crate::exchange::Provenance;
use crate::playback::{Attempts, FinishError, Mode, Unused};
use crate::pricing::{Bill, Call, Money, Price, PriceBook, Tier, Usage};

/// Why a survey could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SurveyError {
    /// The cassette cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The cassette cannot be read.
    #[error(transparent)]
    Cassette(#[from] CassetteError),
    /// No client could be made.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// What is recorded of a call cannot be read.
    #[error("{place}: {failure}")]
    Unread {
        /// The dialogue and its turn.
        place: String,
        /// What is wrong there.
        failure: CallFailure,
    },
    /// The cassette cannot be closed.
    #[error(transparent)]
    Finish(#[from] FinishError),
}

/// What a plan would find, and what it would ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Survey {
    /// Calls of the whole plan.
    pub calls: u64,
    /// Calls that the cassette answers.
    pub recorded: u64,
    /// How many of those it answers with an error: such an answer is kept as any other is.
    pub refused: u64,
    /// Calls that would be made.
    pub to_record: u64,
    /// Calls that a recorded dialogue does not come to: it ended before.
    pub not_needed: u64,
    /// How many exchanges the cassette holds; `None` where there is no cassette yet.
    pub exchanges: Option<u64>,
    /// Who answered them.
    #[serde(serialize_with = "names")]
    pub provenance: Vec<Provenance>,
    /// The days of the recordings that it replays from, each once.
    pub recorded_on: BTreeSet<Date>,
    /// Per dialogue and role, in the plan's order.
    #[serde(skip)]
    pub lines: Vec<Line>,
    /// Why calls are missing, most first.
    pub causes: Vec<Cause>,
    /// Which errors are kept, most first.
    pub refusals: Vec<Refusal>,
}

fn names<S: serde::Serializer>(all: &[Provenance], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(all.iter().map(ToString::to_string))
}

/// How a survey is made.
#[derive(Debug, Clone)]
pub struct Surveyor<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The cassette, there or not yet.
    pub cassette: &'a Path,
    /// By what calls are priced.
    pub prices: &'a PriceBook,
    /// The day on which missing calls would be made.
    pub today: Date,
    /// The region in which they would be.
    pub region: Option<&'a str>,
    /// How they would be.
    pub tier: Tier,
    /// In which form the models would be asked.
    pub speaking: Speaking,
    /// Answers of sessions that began before this would be asked again.
    pub since: Option<Timestamp>,
    /// Dialogues replayed at the same time.
    pub concurrency: NonZeroUsize,
}

/// What a cassette says of itself.
#[derive(Default)]
struct Contents {
    exchanges: Option<u64>,
    provenance: Vec<Provenance>,
    /// Day and region of what a scope holds.
    scopes: HashMap<String, (Date, Option<String>)>,
}

impl Contents {
    fn read(path: &Path) -> Result<Self, SurveyError> {
        if !path.exists() {
            return Ok(Self::default());
        }
        let reader = Reader::open(path)?;
        let recordings: HashMap<u32, (Date, Option<String>)> = reader
            .recordings()?
            .into_iter()
            .map(|recording| {
                let day = recording.started_at.to_zoned(TimeZone::UTC).date();
                (recording.id, (day, recording.region))
            })
            .collect();
        let scopes = reader.scopes()?.into_iter();
        Ok(Self {
            exchanges: Some(reader.len()?),
            provenance: reader.provenances()?,
            scopes: scopes
                .filter_map(|(scope, id)| Some((scope, recordings.get(&id)?.clone())))
                .collect(),
        })
    }
}

impl Surveyor<'_> {
    /// Makes the survey. No connection is opened and no file changed.
    ///
    /// # Errors
    /// Whatever is wrong with the cassette.
    pub async fn survey(&self) -> Result<Survey, SurveyError> {
        let contents = Contents::read(self.cassette)?;
        let transcripts = self.replay(&contents).await?;
        let means = self.means(&contents)?;
        let mut books = Books::new(self, &contents, &means);
        let mut replayed = transcripts.iter();
        for place in places(self.plan) {
            let scope = scope(self.plan, place);
            let transcript = contents
                .scopes
                .contains_key(&scope)
                .then(|| replayed.next());
            books.dialogue(place, scope, transcript.flatten());
        }
        Ok(books.close(self.plan.calls()))
    }

    /// The dialogues of which anything is recorded. The others miss with their first call:
    /// nobody has to write their requests to know that.
    async fn replay(&self, contents: &Contents) -> Result<Vec<Transcript>, SurveyError> {
        let scopes: HashSet<String> = places(self.plan)
            .map(|place| scope(self.plan, place))
            .filter(|scope| contents.scopes.contains_key(scope))
            .collect();
        if scopes.is_empty() {
            return Ok(Vec::new());
        }
        let options = Cassette::options(self.cassette)
            .environment(Environment::default())
            .mode(Mode::Replay)
            .attempts(Attempts::Answers)
            .unused(Unused::Ok);
        let cassette = match self.since {
            Some(since) => options.since(since),
            None => options,
        };
        let cassette = cassette.open()?;
        let client = cassette.client().await?;
        let run = Run::new(self.plan.clone(), client)
            .concurrency(self.concurrency)
            .only(Arc::new(scopes))
            .unlogged();
        let run = match self.speaking {
            Speaking::AtOnce => run,
            Speaking::Streamed => run.listener(Arc::new(|_, _| {})),
        };
        let outcome = run.execute().await;
        cassette.finish()?;
        match outcome.unread() {
            Some((place, failure)) => Err(SurveyError::Unread {
                place,
                failure: failure.clone(),
            }),
            None => Ok(outcome.transcripts),
        }
    }

    /// What alike calls used, where anything has to be estimated.
    fn means(&self, contents: &Contents) -> Result<Means, SurveyError> {
        if contents.scopes.is_empty() {
            return Ok(Means::default());
        }
        let mut reader = Reader::open(self.cassette)?;
        Ok(means(self.plan, &mut reader)?)
    }

    fn model_of(&self, role: Role, model: usize) -> &str {
        match role {
            Role::Tutor => &self.plan.models[model].id,
            Role::Student => {
                let player = self.plan.player.as_ref();
                player.map_or("", |player| &player.model)
            }
            Role::Judge => &self.plan.judge.model,
        }
    }
}

/// The books of a whole plan.
struct Books<'a> {
    surveyor: &'a Surveyor<'a>,
    contents: &'a Contents,
    estimator: Estimator<'a>,
    texts: Vec<Texts>,
    /// Per tutor model and role: the id to price by, and today's price.
    tags: Vec<[(String, Option<&'a Price>); 3]>,
    known: Known,
    lines: Vec<Line>,
    causes: Vec<Cause>,
    refusals: Refusals,
    numbers: HashMap<String, usize>,
    recorded_on: BTreeSet<Date>,
}

/// Which scenarios and models have any recording: what tells a new one.
struct Known {
    scenarios: HashSet<String>,
    models: HashSet<String>,
}

impl Known {
    fn of(contents: &Contents) -> Self {
        let parts = contents
            .scopes
            .keys()
            .filter_map(|scope| scope.split_once('/'));
        let mut known = Self {
            scenarios: HashSet::new(),
            models: HashSet::new(),
        };
        for (scenario, rest) in parts {
            known.scenarios.insert(scenario.to_owned());
            let model = rest.split('/').next().unwrap_or_default();
            known.models.insert(model.to_owned());
        }
        known
    }
}

impl<'a> Books<'a> {
    fn new(surveyor: &'a Surveyor<'a>, contents: &'a Contents, means: &'a Means) -> Self {
        let plan = surveyor.plan;
        let tag = |role, model| {
            let id = plan.registry.priced_as(surveyor.model_of(role, model));
            let price = surveyor.prices.price(&id, surveyor.region, surveyor.today);
            (id, price)
        };
        Self {
            surveyor,
            contents,
            estimator: Estimator { plan, means },
            texts: plan
                .scenarios
                .iter()
                .map(|own| Texts::of(plan, own))
                .collect(),
            tags: (0..plan.models.len())
                .map(|model| Role::ALL.map(|role| tag(role, model)))
                .collect(),
            known: Known::of(contents),
            lines: Vec::new(),
            causes: Vec::new(),
            refusals: Refusals::default(),
            numbers: HashMap::new(),
            recorded_on: BTreeSet::new(),
        }
    }

    fn dialogue(&mut self, place: Place, scope: String, transcript: Option<&Transcript>) {
        let mut page = Page {
            place,
            scope,
            lines: lines(place),
            books: self,
        };
        if let Some(transcript) = transcript {
            book_replayed(page.books.surveyor.plan, place, transcript, &mut page);
        } else {
            let cause = page.books.unrecorded(place);
            book_unrecorded(page.books.surveyor.plan, place, cause, &mut page);
        }
        let lines = page.lines;
        let is_used = |line: &Line| line.recorded.calls + line.to_record.calls > 0;
        self.lines.extend(lines.into_iter().filter(is_used));
    }

    /// Why a whole dialogue has no recording.
    fn unrecorded(&mut self, place: Place) -> usize {
        let plan = self.surveyor.plan;
        let (scenario, model) = (&plan.scenarios[place.scenario], &plan.models[place.model]);
        let what = if self.known.scenarios.is_empty() {
            "nothing is recorded yet".to_owned()
        } else if !self.known.scenarios.contains(&scenario.id) {
            format!("a scenario without a recording: {}", scenario.id)
        } else if !self.known.models.contains(&model.name) {
            format!("a model without a recording: {}", model.name)
        } else if place.sample > 0 {
            "a sample further than recorded".to_owned()
        } else {
            format!("{} with {} is not recorded", scenario.id, model.name)
        };
        self.number(Found::plain(what))
    }

    fn number(&mut self, found: Found) -> usize {
        if let Some(number) = self.numbers.get(&found.what) {
            return *number;
        }
        let number = self.causes.len();
        self.numbers.insert(found.what.clone(), number);
        self.causes.push(Cause {
            what: found.what,
            calls: 0,
            bill: Bill::default(),
            example: found.example,
            unexplained: found.unexplained,
            role: found.role,
            alike: 0,
        });
        number
    }

    fn close(self, calls: u64) -> Survey {
        let mut causes = merged(self.causes);
        causes.sort_by_key(|cause| std::cmp::Reverse(cause.calls));
        let recorded = self.lines.iter().map(|line| line.recorded.calls).sum();
        let refused = self.lines.iter().map(|line| line.recorded.refused).sum();
        let to_record = self.lines.iter().map(|line| line.to_record.calls).sum();
        Survey {
            calls,
            recorded,
            refused,
            to_record,
            not_needed: calls.saturating_sub(recorded + to_record),
            exchanges: self.contents.exchanges,
            provenance: self.contents.provenance.clone(),
            recorded_on: self.recorded_on,
            lines: self.lines,
            causes,
            refusals: self.refusals.sorted(),
        }
    }
}

/// One dialogue's page in the books.
struct Page<'a, 'b> {
    place: Place,
    scope: String,
    lines: [Line; 3],
    books: &'b mut Books<'a>,
}

impl Page<'_, '_> {
    /// What a call would use, and what that would cost today.
    fn estimated(&self, role: Role, turn: u32) -> (Estimate, Option<Money>) {
        let books = &*self.books;
        let texts = &books.texts[self.place.scenario];
        let estimate = books.estimator.call(texts, role, turn, self.place.model);
        let (_, price) = &books.tags[self.place.model][role as usize];
        let amount = price.and_then(|price| price.cost(&estimate.usage, books.surveyor.tier));
        (estimate, amount)
    }

    /// When and where a call was recorded.
    fn recorded_at(&self, role: Role, turn: u32) -> Option<&(Date, Option<String>)> {
        let scopes = &self.books.contents.scopes;
        match role {
            Role::Judge => scopes.get(&format!("{}/judge/turn-{turn}", self.scope)),
            Role::Tutor | Role::Student => scopes.get(&self.scope),
        }
    }
}

impl Book for Page<'_, '_> {
    fn recorded(&mut self, role: Role, turn: u32, usage: Option<Usage>) {
        let at = self.recorded_at(role, turn).cloned();
        let (id, price) = &self.books.tags[self.place.model][role as usize];
        let again = usage.and_then(|usage| price.as_ref()?.cost(&usage, self.books.surveyor.tier));
        let (on, region) = at.unwrap_or((self.books.surveyor.today, None));
        let call = Call {
            model: id,
            // An endpoint that names no region stands for the one that is asked.
            region: region.as_deref().or(self.books.surveyor.region),
            on,
            usage,
        };
        let bill = Bill::of(self.books.surveyor.prices, [call]);
        self.books.recorded_on.insert(on);
        let own = &mut self.lines[role as usize].recorded;
        own.calls += 1;
        own.bill += bill;
        own.again.add(1, again);
        own.usage += usage.unwrap_or_default();
    }

    /// Nobody pays for an error.
    fn refused(&mut self, role: Role, turn: u32, failure: &CallFailure) {
        let (_, again) = self.estimated(role, turn);
        let books = &mut *self.books;
        let model = books.surveyor.model_of(role, self.place.model);
        books.refusals.add(role, model, failure);
        let own = &mut self.lines[role as usize].recorded;
        own.calls += 1;
        own.refused += 1;
        own.again.add(1, again);
    }

    fn to_record(&mut self, role: Role, turn: u32, cause: usize) {
        let (estimate, amount) = self.estimated(role, turn);
        let cause = &mut self.books.causes[cause];
        cause.calls += 1;
        cause.bill.add(1, amount);
        let own = &mut self.lines[role as usize].to_record;
        own.calls += 1;
        own.estimate += estimate;
        own.bill.add(1, amount);
    }

    fn cause(&mut self, found: Found) -> usize {
        self.books.number(found)
    }
}
