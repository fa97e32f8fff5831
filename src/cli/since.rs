//! From when on an answer is new enough.

use bedrock_replay::Mode;
use bedrock_replay::clock::{Clock as _, SystemClock};
use bedrock_replay::playback::Playback;
use clap::Args;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan as _};

use super::exit_code;
use super::failure::Failure;

/// How old an answer may be.
#[derive(Debug, Clone, Default, Args)]
pub struct Since {
    /// Ask again what was recorded before this, and replace it (where what is missing is recorded); a
    /// time with its zone, a day or an age: 2026-11-22T08:30:00Z, 2026-11-22, 7d
    #[arg(long = "since", value_name = "TIME", value_parser = parse, help_heading = "Recording")]
    time: Option<Timestamp>,
}

impl Since {
    /// The time, where one is given.
    pub const fn time(&self) -> Option<Timestamp> {
        self.time
    }

    /// The flag for the command that goes on: of what a `record-all` was to replace, the rest is
    /// still to be asked for.
    pub fn words(&self, recorded: Option<&Playback>) -> Option<String> {
        let replacing = recorded
            .filter(|own| own.mode() == Mode::RecordAll && own.replaces_older())
            .map(Playback::began);
        let time = replacing.or(self.time)?;
        Some(format!("--since {}", written(time)))
    }

    /// Only what asks for what is missing can tell old from new.
    pub fn check(&self, mode: Mode) -> Result<(), Failure> {
        if self.time.is_none() || mode == Mode::RecordMissing {
            return Ok(());
        }
        let why = format!(
            "--since is for mode record-missing, and this is {mode} (--mode record-missing asks again what is older)"
        );
        Err(Failure::with_code(exit_code::USAGE, why))
    }
}

fn parse(text: &str) -> Result<Timestamp, String> {
    read(text, SystemClock::new().now()).ok_or_else(|| {
        format!(
            "expected a time with its zone, a day or an age, such as 2026-11-22T08:30:00Z, 2026-11-22 or 7d, and none that is still to come, found `{text}`"
        )
    })
}

fn read(text: &str, now: Timestamp) -> Option<Timestamp> {
    moment(text, now).filter(|time| *time <= now)
}

fn moment(text: &str, now: Timestamp) -> Option<Timestamp> {
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    if let Ok(day) = Date::strptime("%Y-%m-%d", text) {
        return Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp());
    }
    let age: Span = text.parse().ok()?;
    let then = now.to_zoned(TimeZone::UTC).checked_sub(age.abs()).ok()?;
    Some(then.timestamp())
}

/// A time as `--since` takes it, no later than it is.
fn written(time: Timestamp) -> String {
    let part = time.subsec_nanosecond().rem_euclid(1_000_000);
    let whole = time.checked_sub(part.nanoseconds()).unwrap_or(time);
    whole.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_a_day_and_an_age_are_understood() {
        let now: Timestamp = "2026-11-29T12:00:00Z".parse().unwrap();
        for (text, time) in [
            ("2026-11-22T08:30:00.25Z", "2026-11-22T08:30:00.25Z"),
            ("2026-11-22T08:30:00+01:00", "2026-11-22T07:30:00Z"),
            ("2026-11-22", "2026-11-22T00:00:00Z"),
            ("7d", "2026-11-22T12:00:00Z"),
            ("1 month", "2026-10-29T12:00:00Z"),
            ("P1W", "2026-11-22T12:00:00Z"),
            ("90 minutes", "2026-11-29T10:30:00Z"),
        ] {
            assert_eq!(read(text, now), Some(time.parse().unwrap()), "{text}");
        }
        for text in [
            "",
            "yesterday",
            "7",
            "2026-13-01",
            "99999999 years",
            "2026-11-22T08:30:00",
            "2026-11-22T08:30[Europe/Berlin]",
            "2026-11-30",
            "2027-01-01T00:00:00Z",
        ] {
            assert_eq!(read(text, now), None, "{text}");
        }
    }

    #[test]
    fn a_time_is_written_no_later_than_it_is() {
        for (time, text) in [
            ("2026-11-29T12:00:00.123999999Z", "2026-11-29T12:00:00.123Z"),
            ("2026-11-29T12:00:00Z", "2026-11-29T12:00:00Z"),
            ("1969-12-31T23:59:59.9995Z", "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(written(time.parse().unwrap()), text);
        }
    }
}
