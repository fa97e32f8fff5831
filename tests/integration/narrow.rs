//! Tables on a terminal of eighty columns, and on narrower ones.

use super::models_cli::program;

/// What a command prints on a page of that width.
fn within(columns: usize, arguments: &[&str]) -> String {
    let (text, code) = program(arguments, &[("COLUMNS", &columns.to_string())]);
    assert_eq!(code, 0, "{text}");
    let longest = text.lines().max_by_key(|line| line.chars().count());
    let longest = longest.unwrap();
    assert!(
        longest.chars().count() <= columns,
        "{arguments:?} at {columns}: {longest}"
    );
    text
}

const TABLES: [&[&str]; 5] = [
    &["run", "--quiet"],
    &["cassette", "list", "cassettes/weekly.sqlite"],
    &["models", "list", "--on", "2026-04-01"],
    &["cost", "--on", "2026-04-01"],
    &["plan", "--on", "2026-04-01"],
];

#[test]
fn no_line_of_a_table_is_wider_than_the_terminal() {
    for arguments in TABLES {
        within(80, arguments);
    }
}

#[test]
fn what_is_shortened_is_marked_and_no_number_is_lost() {
    let (wide, _) = program(TABLES[0], &[]);
    let narrow = within(60, TABLES[0]);
    let numbers = |text: &str| {
        let words = text.split_whitespace();
        let numbers = words.filter(|word| word.parse::<f64>().is_ok());
        let mut numbers: Vec<String> = numbers.map(str::to_owned).collect();
        numbers.sort();
        numbers
    };
    assert_eq!(numbers(&narrow), numbers(&wide));
    let list = within(80, TABLES[1]);
    assert!(list.contains("…"), "{list}");
    insta::assert_snapshot!(list.lines().take(12).collect::<Vec<_>>().join("\n"));
}

#[test]
fn who_reads_by_a_program_gets_all() {
    let (text, _) = program(TABLES[1], &[]);
    assert!(text.contains("anthropic.claude-3-5-sonnet-20241022-v2:0"));
}
