//! The checked-in lists of exceptions: `key = value  # why` lines, or bare words. They may only shrink: an entry
//! that is no longer needed is a finding of the rule that reads it.

/// One line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// From 1.
    pub line: usize,
    /// Before the `=`, without quotes.
    pub key: String,
    /// After the `=`, without quotes; empty for a bare word.
    pub value: String,
}

/// Reads a list: blank lines, comments and `[tables]` are skipped.
pub fn read(text: &str) -> Vec<Entry> {
    let bare = |part: &str| part.trim().trim_matches('"').to_owned();
    let mut entries = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.split(" #").next().unwrap_or(line).trim();
        if line.is_empty() || line.starts_with('#') || line.starts_with('[') {
            continue;
        }
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        entries.push(Entry { line: index + 1, key: bare(key), value: bare(value) });
    }
    entries
}

/// The keys of one `[table]` of a Cargo manifest.
pub fn table_keys(manifest: &str, table: &str) -> Vec<(usize, String)> {
    let header = format!("[{table}]");
    let mut inside = false;
    let mut keys = Vec::new();
    for (index, line) in manifest.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('[') {
            inside = line == header;
        } else if inside && !line.starts_with('#') {
            let key = line.split(['=', '.', ' ']).next().unwrap_or("").trim_matches('"');
            if !key.is_empty() {
                keys.push((index + 1, key.to_owned()));
            }
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_pairs_and_words() {
        let entries = read("# about\n\n\"a/b.rs\" = 410 # why\nI02\n");
        let pairs: Vec<_> =
            entries.iter().map(|e| (e.line, e.key.as_str(), e.value.as_str())).collect();
        assert_eq!(pairs, [(3, "a/b.rs", "410"), (4, "I02", "")]);
    }

    #[test]
    fn reads_one_table_of_a_manifest() {
        let manifest = "[package]\nname = \"x\"\n[dependencies]\njiff.workspace = true\nserde = \"1\"\n[dev-dependencies]\nproptest = \"1\"\n";
        assert_eq!(
            table_keys(manifest, "dependencies"),
            [(4, "jiff".to_owned()), (5, "serde".to_owned())]
        );
    }
}
