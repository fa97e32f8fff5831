//! The numbers of `docs/decisions`: one after the other, and in a page's heading as in its name.

/// What is wrong with pages, each by its name and its first line, in the order of their names.
pub fn numbered(pages: &[(String, String)]) -> Vec<String> {
    let wrong = |(number, (name, heading)): (usize, &(String, String))| {
        let is_named = name.starts_with(&format!("{number:04}-"));
        let is_headed = heading.starts_with(&format!("# {number}. "));
        (!is_named || !is_headed).then(|| {
            format!(
                "docs/decisions/{name}: expected {number} in name and heading, found `{heading}`"
            )
        })
    };
    (1..).zip(pages).filter_map(wrong).collect()
}
