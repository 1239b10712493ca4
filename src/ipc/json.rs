//! Finds JSON that JavaScript could not parse, or would read as a different value.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde_json::Value;

/// The number of digits of 2^53 + 1, the smallest integer that JavaScript cannot represent.
const LONG: usize = 16;
/// 2^53: JavaScript represents every integer up to this one.
const LAST_EXACT: &str = "9007199254740992";
/// The deepest nesting in a script. WebKit does not run scripts that are nested some 3,000 deep.
const DEEPEST: usize = 1000;

/// JSON text as an expression of JavaScript, for a script that a page runs.
pub(crate) fn expression(text: &str) -> Cow<'_, str> {
    if is_expression(text) {
        return text.into();
    }
    format!("JSON.parse({})", Value::from(text)).into()
}

/// Whether a script may hold JSON text as it stands. A key `__proto__` would name the prototype of
/// the object there, and with two of them the script would not run.
pub(crate) fn is_expression(text: &str) -> bool {
    // The last three are how letters of it may be escaped, which nobody else does.
    let names = ["__proto__", "\\u005", "\\u006", "\\u007"];
    !names.iter().any(|it| text.contains(it)) && depth(text) <= DEEPEST
}

/// How deep a JSON text is nested, at most. Brackets in strings count too.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Checks whether a page can read `text` as it is meant. The error says why not.
pub(crate) fn check(text: &str) -> Result<(), String> {
    is_json(text)?;
    match rounded(text) {
        None => Ok(()),
        Some(digits) => Err(format!(
            "JavaScript has no number {digits}, a page would read another one: beyond 2**53 give \
             an integer as text, for example by `Annotated[int, PlainSerializer(str)]`"
        )),
    }
}

/// Checks whether `text` is one JSON value. The error says why not.
pub(crate) fn is_json(text: &str) -> Result<(), String> {
    // Walks the text without recursion, so any depth passes, and makes nothing of it.
    let read = serde_json::from_str::<IgnoredAny>(text);
    read.map(drop).map_err(|error| {
        if text.contains("NaN") || text.contains("Infinity") {
            format!(
                "JSON has no word for NaN and infinity ({error}): with pydantic's \
                 `ser_json_inf_nan` they become null or text"
            )
        } else {
            format!("not JSON: {error}")
        }
    })
}

/// Finds the first integer of a JSON text that JavaScript cannot represent.
fn rounded(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut strings = Strings::default();
    // Of so many digits in a row one stands at each place that is looked at.
    let mut at = LONG - 1;
    while at < bytes.len() {
        if !digit(at) {
            at += LONG;
            continue;
        }
        let begin = (0..at).rev().find(|&i| !digit(i)).map_or(0, |i| i + 1);
        let end = (at..).find(|&i| !digit(i)).unwrap_or(bytes.len());
        let digits = text.get(begin..end).unwrap_or_default();
        if digits.len() >= LONG
            && is_integer(bytes, begin, end)
            && !is_number_of_javascript(digits)
            && !strings.hold(bytes, begin)
        {
            return Some(digits);
        }
        at = end + LONG;
    }
    None
}

/// Whether these digits are a whole number, neither part of a longer one nor next to a quote.
fn is_integer(bytes: &[u8], begin: usize, end: usize) -> bool {
    let before = bytes.get(..begin).unwrap_or_default();
    let before = before.strip_suffix(b"-").unwrap_or(before).last();
    let after = bytes.get(end);
    before.is_none_or(|it| b"[:, \t\r\n".contains(it))
        && after.is_none_or(|it| b"]}, \t\r\n".contains(it))
}

fn is_number_of_javascript(digits: &str) -> bool {
    if digits.len() == LONG && digits <= LAST_EXACT {
        return true;
    }
    let number: f64 = digits.parse().unwrap_or(f64::INFINITY);
    // Exactly, or as JavaScript itself writes that number: a page may have sent it.
    number.is_finite() && (format!("{number:.0}") == digits || format!("{number}") == digits)
}

/// Tracks where the strings of a JSON text are, as far as it was read.
#[derive(Default)]
struct Strings {
    read: usize,
    inside: bool,
}

impl Strings {
    /// Whether the byte at `place` is in a string. `place` must not decrease.
    fn hold(&mut self, bytes: &[u8], place: usize) -> bool {
        while self.read < place {
            match bytes[self.read] {
                b'"' => self.inside = !self.inside,
                b'\\' => self.read += 1, // what it escapes is no end of the string
                _ => {}
            }
            self.read += 1;
        }
        self.inside
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_json_is_refused_and_says_why() {
        for text in ["NaN", "[1,NaN]", r#"{"a":-Infinity}"#, "Infinity"] {
            let why = check(text).err().unwrap_or_default();
            assert!(why.contains("ser_json_inf_nan"), "{text}: {why}");
        }
        for text in ["", "abc", "[1", "1 2", "'a'", "\"a\u{0}\""] {
            assert!(
                check(text).is_err_and(|why| why.contains("not JSON")),
                "{text}"
            );
        }
        assert_eq!(check(r#"["NaN","Infinity","\ud800"]"#), Ok(()));
    }

    #[test]
    fn any_depth_is_json() {
        let deep = 100_000;
        assert_eq!(check(&("[".repeat(deep) + &"]".repeat(deep))), Ok(()));
    }

    #[test]
    fn what_a_script_would_read_as_something_else_is_parsed_there() {
        let deep = "[".repeat(1001) + &"]".repeat(1001);
        for text in [
            r#"{"__proto__":{"a":"\\"}}"#,
            r#"[{"\u005f_proto__":1,"__pr\u006fto__":2}]"#,
            &deep,
        ] {
            let found = expression(text);
            let inner = found
                .strip_prefix("JSON.parse(")
                .and_then(|it| it.strip_suffix(')'));
            let inner: Option<String> = inner.and_then(|it| serde_json::from_str(it).ok());
            assert_eq!(inner.as_deref(), Some(text));
        }
        for text in [r#"{"proto":["a\n\ud800\u00e9"]}"#, &deep[1..2001], "1"] {
            assert_eq!(expression(text), text);
        }
    }

    #[test]
    fn an_integer_that_a_page_would_round_is_refused() {
        let large = [
            "9007199254740993",
            "-9007199254740993",
            "1700000000123456789",
            "123456789012345678901234567890",
        ];
        for number in large.map(String::from).into_iter().chain(["9".repeat(400)]) {
            for text in [
                number.clone(),
                format!("[{number}]"),
                format!("{{\"a\":{number}}}"),
                format!("[0, {number} ,0]"),
                format!(r#"["a\"b",{number}]"#),
                format!(r#"["\\",{number}]"#),
                format!("[0.12345678901234567,{number}]"),
            ] {
                let why = check(&text).err().unwrap_or_default();
                assert!(
                    why.contains(number.trim_start_matches('-')),
                    "{text}: {why}"
                );
            }
        }
    }

    #[test]
    fn what_javascript_has_a_number_for_passes() {
        for text in [
            "9007199254740992",
            "-9007199254740991",
            "1152921504606846976", // 2^60
            "100000000000000000000",
            "123456789012345680000", // as JavaScript writes 1.2345678901234568e20
            "0.1234567890123456789",
            "1234567890123456789.0",
            "1e-1234567890123456789",
            r#""1700000000123456789""#,
            r#"["at 1700000000123456789, or so"]"#,
            r#"{"1700000000123456789":[]}"#,
            r#"["\" ,1700000000123456789 "]"#,
        ] {
            assert_eq!(check(text), Ok(()));
        }
    }

    proptest! {
        #![proptest_config(crate::fuzzing::cases::cases())]

        #[test]
        fn an_integer_is_refused_wherever_it_stands(
            before in prop::collection::vec(any::<u32>(), 0..20),
            word in "[ -~]{0,30}",
            number: u64,
        ) {
            let list: Vec<_> = before.iter().map(ToString::to_string).collect();
            let word = serde_json::Value::from(word);
            let text = format!("[{word},[{}],{number},{word}]", list.join(","));
            let exact = number as f64 as u128 == u128::from(number);
            prop_assert_eq!(check(&text).is_ok(), exact || format!("{}", number as f64) == number.to_string());
        }

        #[test]
        fn every_number_of_javascript_passes(number: f64) {
            if number.is_finite() {
                prop_assert_eq!(check(&format!("[{number}]")), Ok(()));
            }
        }
    }
}
