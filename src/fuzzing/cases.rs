//! Sets how many random cases a property test tries.

use proptest::prelude::ProptestConfig;

/// 10,000 cases, or as many as `PROPTEST_CASES` says: CI tries 30,000.
pub(crate) fn cases() -> ProptestConfig {
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => ProptestConfig::default(),
        None => ProptestConfig::with_cases(10_000),
    }
}
