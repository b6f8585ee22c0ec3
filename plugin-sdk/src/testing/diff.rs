//! Shows two texts as one, line by line: `-` what was expected, `+` what came.

/// A line diff with the fewest changed lines.
pub(super) fn lines(expected: &str, actual: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (expected.lines().collect(), actual.lines().collect());
    let common = longest_common(&old, &new);
    let (mut i, mut j, mut text) = (0, 0, String::new());
    let mut say = |mark: char, line: &str| {
        text.push(mark);
        text.push(' ');
        text.push_str(line);
        text.push('\n');
    };
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            say(' ', old[i]);
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || (i < old.len() && common[i + 1][j] >= common[i][j + 1]) {
            say('-', old[i]);
            i += 1;
        } else {
            say('+', new[j]);
            j += 1;
        }
    }
    text
}

/// `[i][j]` is the length of the longest common subsequence of `old[i..]` and `new[j..]`.
fn longest_common(old: &[&str], new: &[&str]) -> Vec<Vec<u32>> {
    let mut table = vec![vec![0; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            table[i][j] = if old[i] == new[j] {
                table[i + 1][j + 1] + 1
            } else {
                table[i + 1][j].max(table[i][j + 1])
            };
        }
    }
    table
}

#[cfg(test)]
mod tests {
    #[test]
    fn changed_lines_are_marked() {
        let shown = super::lines("a\nb\nc", "a\nx\nc\nd");
        assert_eq!(shown, "  a\n- b\n+ x\n  c\n+ d\n");
        assert_eq!(super::lines("", "a"), "+ a\n");
        assert_eq!(super::lines("a", ""), "- a\n");
    }
}
