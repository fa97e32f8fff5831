//! What a cassette holds, model by model.

use std::collections::BTreeMap;
use std::path::Path;

use bedrock_replay::cassette::{CassetteError, Reader};
use bedrock_replay::exchange::Provenance;
use bedrock_replay::words::counted;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// What a cassette holds of one model.
#[derive(Default)]
pub struct Recorded {
    exchanges: u64,
    first: Option<Date>,
    last: Option<Date>,
    pub last_live: Option<Date>,
    is_simulated: bool,
}

impl std::fmt::Display for Recorded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&counted(self.exchanges, "exchange"))?;
        match (self.first, self.last) {
            (Some(first), Some(last)) if first == last => write!(f, ", recorded {first}")?,
            (Some(first), Some(last)) => write!(f, ", recorded {first} to {last}")?,
            _ => {}
        }
        if self.is_simulated {
            f.write_str(", simulated")?;
        }
        Ok(())
    }
}

/// By their ids.
pub fn models_of(cassette: &Path) -> Result<BTreeMap<String, Recorded>, CassetteError> {
    let mut reader = Reader::open(cassette)?;
    let recordings: BTreeMap<u32, (Date, Provenance)> = reader
        .recordings()?
        .into_iter()
        .map(|recording| {
            let date = recording.started_at.to_zoned(TimeZone::UTC).date();
            (recording.id, (date, recording.provenance))
        })
        .collect();
    let mut models: BTreeMap<String, Recorded> = BTreeMap::new();
    for slot in reader.slots()? {
        let Some(stored) = reader.exchange(&slot)? else {
            continue;
        };
        let Some(model) = stored.exchange.request.target.model() else {
            continue;
        };
        let own = models.entry(model.to_owned()).or_default();
        own.exchanges += 1;
        if let Some((date, provenance)) = recordings.get(&stored.recording) {
            own.first = own
                .first
                .map_or(Some(*date), |first| Some(first.min(*date)));
            own.last = own.last.max(Some(*date));
            match provenance {
                Provenance::Live => own.last_live = own.last_live.max(Some(*date)),
                Provenance::Simulated => own.is_simulated = true,
                Provenance::Imported(_) => {}
            }
        }
    }
    Ok(models)
}
