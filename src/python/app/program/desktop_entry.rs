//! Quotes a command for the `Exec` key of a desktop entry (`.desktop` file).

/// Writes a word of a command as the `Exec` key of a desktop entry has it.
#[cfg(not(any(windows, target_os = "macos")))]
pub(crate) fn written(word: &str) -> String {
    let plain = |it: char| it.is_ascii_alphanumeric() || "-_./=:,+@".contains(it);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    let mut quoted = String::from("\"");
    for letter in word.chars() {
        match letter {
            // Escaped for the key, and then for a text of the file.
            '"' | '`' | '$' => quoted += "\\\\",
            '\\' => quoted += "\\\\\\",
            '%' => quoted.push('%'),
            _ => {}
        }
        quoted.push(letter);
    }
    quoted.push('"');
    quoted
}

/// Writes a word of a command as programs of Windows read it.
#[cfg(windows)]
pub(crate) fn written(word: &str) -> String {
    if !word.is_empty() && !word.contains([' ', '\t', '"']) {
        return word.to_owned();
    }
    let mut quoted = String::from("\"");
    let mut slashes = 0;
    for letter in word.chars() {
        match letter {
            '\\' => slashes += 1,
            '"' => {
                quoted.extend(std::iter::repeat_n('\\', slashes + 1));
                slashes = 0;
            }
            _ => slashes = 0,
        }
        quoted.push(letter);
    }
    quoted.extend(std::iter::repeat_n('\\', slashes));
    quoted.push('"');
    quoted
}

/// Words are items of a list there.
#[cfg(target_os = "macos")]
pub(crate) fn written(word: &str) -> String {
    word.to_owned()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::written;

    #[test]
    fn words_are_quoted_as_desktop_entries_have_them() {
        for (word, expected) in [
            ("/usr/bin/python3", "/usr/bin/python3"),
            ("", "\"\""),
            ("my app.py", "\"my app.py\""),
            ("100%", "\"100%%\""),
            ("a\"b", r#""a\\"b""#),
            ("$x", r#""\\$x""#),
            (r"c\d", r#""c\\\\d""#),
        ] {
            assert_eq!(written(word), expected, "{word:?}");
        }
    }
}
