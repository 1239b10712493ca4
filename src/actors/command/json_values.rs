//! Finds the values at some paths of a JSON text, in one pass that keeps nothing else.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Finds the text, number or boolean at each path, as text. Anything else at a path is no value.
/// The whole body is parsed once and nothing of it is kept. Of equal names the last one counts, as
/// in Python.
pub(super) fn values_at(
    json: &[u8],
    paths: &[&[String]],
) -> Result<Vec<Option<String>>, serde_json::Error> {
    let mut found = vec![None; paths.len()];
    let mut reader = serde_json::Deserializer::from_slice(json);
    let seek = Seek {
        paths: paths.iter().copied().enumerate().collect(),
        found: &mut found,
    };
    seek.deserialize(&mut reader)?;
    reader.end()?;
    Ok(found)
}

/// Reads one JSON value and what is searched in it: an index into `found`, and the rest of a path.
struct Seek<'p, 'f> {
    paths: Vec<(usize, &'p [String])>,
    found: &'f mut [Option<String>],
}

impl<'p> Seek<'p, '_> {
    /// What is searched one level below, under the tokens that `is` accepts.
    fn below(&self, is: impl Fn(&str) -> bool) -> Vec<(usize, &'p [String])> {
        let split = |(at, path): &(usize, &'p [String])| {
            let (token, rest) = path.split_first()?;
            is(token).then_some((*at, rest))
        };
        self.paths.iter().filter_map(split).collect()
    }

    fn seek(&mut self, paths: Vec<(usize, &'p [String])>) -> Seek<'p, '_> {
        let found = &mut *self.found;
        Seek { paths, found }
    }

    /// Forgets the values of an earlier entry of the same name.
    fn forget(&mut self) {
        for (at, _) in &self.paths {
            self.found[*at] = None;
        }
    }

    fn scalar(mut self, text: impl ToString) {
        self.forget();
        for (at, path) in &self.paths {
            if path.is_empty() {
                self.found[*at] = Some(text.to_string());
            }
        }
    }
}

impl<'de> DeserializeSeed<'de> for Seek<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seek<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.scalar(value);
        Ok(())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.scalar(value);
        Ok(())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.scalar(value);
        Ok(())
    }

    /// Writes `1.0` like `1`, as JavaScript does.
    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.scalar(value);
        Ok(())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.scalar(value);
        Ok(())
    }

    fn visit_unit<E: Error>(mut self) -> Result<(), E> {
        self.forget();
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        self.forget();
        while let Some(paths) = map.next_key_seed(Below(&self))? {
            if paths.is_empty() {
                map.next_value::<IgnoredAny>()?;
            } else {
                map.next_value_seed(self.seek(paths))?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        self.forget();
        let indices = |(_, path): &(usize, &[String])| index(path.first()?);
        let wanted: Vec<usize> = self.paths.iter().filter_map(indices).collect();
        for at in 0.. {
            let there = if wanted.contains(&at) {
                let paths = self.below(|token| index(token) == Some(at));
                items.next_element_seed(self.seek(paths))?.is_some()
            } else {
                items.next_element::<IgnoredAny>()?.is_some()
            };
            if !there {
                break;
            }
        }
        Ok(())
    }
}

/// Parses an array index as JSON pointers write it: without leading zeros.
fn index(token: &str) -> Option<usize> {
    let plain = token == "0" || !token.starts_with(['0', '+']);
    plain.then(|| token.parse().ok()).flatten()
}

/// Finds what is searched below a name, without a copy of that name.
struct Below<'a, 'p, 'f>(&'a Seek<'p, 'f>);

impl<'de, 'p> DeserializeSeed<'de> for Below<'_, 'p, '_> {
    type Value = Vec<(usize, &'p [String])>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_str(self)
    }
}

impl<'p> Visitor<'_> for Below<'_, 'p, '_> {
    type Value = Vec<(usize, &'p [String])>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.below(|token| token == name))
    }
}
