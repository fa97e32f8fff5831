//! The format's number, and what is done with a file of another number: readers accept older
//! formats through migrations and refuse newer ones; writers never write what they do not know.

use std::fmt;

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use super::digest::{Digest, RowHash};
use super::error::Problem;
use super::header::APPLICATION_ID;

/// The format that this version writes: `PRAGMA user_version`.
pub const FORMAT: i64 = 2;

/// The oldest format that this version reads: those before it were never released.
const OLDEST: i64 = 2;

/// The page size of a cassette that is recorded; `pack` chooses.
pub const PAGE_SIZE: u32 = 8_192;

const SCHEMA: &str = include_str!("schema.sql");

/// What keyed a cassette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyedBy {
    /// The canonical form's version.
    pub canonical_version: u32,
    /// The parts that count, in `identity::MatchOn`'s own words.
    pub match_on: String,
}

/// Creates the tables in an empty file; leaves one that has them alone.
///
/// # Errors
/// Another process, or a full disk.
pub fn create(connection: &mut Connection, keyed_by: &KeyedBy) -> Result<(), Problem> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let tables: i64 =
        transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables > 0 {
        return Ok(());
    }
    transaction.execute_batch(SCHEMA)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", FORMAT)?;
    transaction.execute(
        "INSERT INTO identity (one, canonical_version, match_on, digest) VALUES (1, ?1, ?2, ?3)",
        params![
            keyed_by.canonical_version,
            keyed_by.match_on,
            keyed_by.digest()
        ],
    )?;
    transaction.commit()?;
    Ok(())
}

/// Checks that a file is a cassette of a known format.
///
/// # Errors
/// [`Problem::NotACassette`], [`Problem::NewerFormat`].
pub fn check(connection: &Connection) -> Result<(), Problem> {
    let id: u32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if id != APPLICATION_ID {
        return Err(Problem::NotACassette {
            found: format!("an SQLite file with the application id {id}"),
        });
    }
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > FORMAT {
        return Err(Problem::NewerFormat {
            found,
            known: FORMAT,
        });
    }
    if found < OLDEST {
        return Err(Problem::OlderFormat {
            found,
            oldest: OLDEST,
        });
    }
    Ok(())
}

/// What keyed the cassette.
///
/// # Errors
/// A damaged file.
pub fn keyed_by(connection: &Connection) -> Result<KeyedBy, Problem> {
    let sql = "SELECT canonical_version, match_on, digest FROM identity";
    let row = connection.query_row(sql, [], |row| {
        let keyed_by = KeyedBy {
            canonical_version: row.get(0)?,
            match_on: row.get(1)?,
        };
        Ok((keyed_by, row.get::<_, Vec<u8>>(2)?))
    });
    match row.optional()? {
        Some((keyed_by, digest)) if keyed_by.digest()[..] == digest => Ok(keyed_by),
        Some(_) => Err(Problem::damaged("the table `identity`")),
        None => Err(Problem::damaged("the table `identity` is empty")),
    }
}

impl fmt::Display for KeyedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            canonical_version,
            match_on,
        } = self;
        write!(f, "form {canonical_version} matching on {match_on}")
    }
}

impl KeyedBy {
    fn digest(&self) -> Digest {
        let mut hash = RowHash::new("identity");
        hash.number(self.canonical_version.into());
        hash.text(&self.match_on);
        hash.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_the_one_of_its_format() {
        let mut connection = Connection::open_in_memory().unwrap();
        let keyed_by = KeyedBy {
            canonical_version: 1,
            match_on: "default".into(),
        };
        create(&mut connection, &keyed_by).unwrap();
        check(&connection).unwrap();
        assert_eq!(super::keyed_by(&connection).unwrap(), keyed_by);
        let mut statement = connection
            .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
            .unwrap();
        let tables: Vec<String> = statement
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        insta::assert_snapshot!(format!("format {FORMAT}\n\n{}", tables.join("\n\n")));
    }
}
