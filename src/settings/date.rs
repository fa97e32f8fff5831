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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Row {
        #[serde(deserialize_with = "date")]
        from: Date,
    }

    #[test]
    fn a_date_is_read_and_what_is_none_is_told_with_one() {
        let row: Row = toml::from_str("from = 2025-11-01").unwrap();
        assert_eq!(row.from, jiff::civil::date(2025, 11, 1));
        for (text, found) in [
            ("from = \"soon\"", "\"soon\""),
            ("from = 2025", "2025"),
            ("from = 2025-11-01T10:00:00Z", "2025-11-01T10:00:00Z"),
        ] {
            let error = toml::from_str::<Row>(text).unwrap_err();
            let expected =
                format!("expected a date such as 2025-11-01, without quotes, found {found}");
            assert_eq!(error.message(), expected);
        }
    }
}
