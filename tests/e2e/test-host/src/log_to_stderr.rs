//! Writes errors and warnings of the crate `log` to stderr.

use log::{LevelFilter, Log, Metadata, Record};

struct Stderr;

impl Log for Stderr {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        eprintln!("{} {}", record.level(), record.args());
    }

    fn flush(&self) {}
}

pub(crate) fn install() -> Result<(), String> {
    log::set_max_level(LevelFilter::Warn);
    log::set_logger(&Stderr).map_err(|error| error.to_string())
}
