//! TOML's own dates.

use jiff::civil::Date;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use toml::Value;
use toml::value::Datetime;

/// A date such as `2025-11-01`, written without quotes.
pub(crate) fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let found = Value::deserialize(deserializer)?;
    let date = match &found {
        Value::Datetime(found) => of(*found),
        _ => None,
    };
    date.ok_or_else(|| {
        D::Error::custom(format!(
            "expected a date such as 2025-11-01, without quotes, found {found}"
        ))
    })
}

/// The same where a date may be left out.
pub(crate) fn optional_date<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Date>, D::Error> {
    date(deserializer).map(Some)
}

fn of(found: Datetime) -> Option<Date> {
    let date = found.date.filter(|_| found.time.is_none())?;
    let (month, day) = (i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?);
    Date::new(i16::try_from(date.year).ok()?, month, day).ok()
}
