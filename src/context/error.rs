//! Defines the errors of making a context from a folder, with texts that say what to do.

use std::path::PathBuf;

use thiserror::Error;

#[derive(Debug, Error)]
pub(crate) enum Error {
    #[error(
        "`src_tauri_dir` must be an absolute path. Pass `Path(__file__).resolve().parent`, or call `.resolve()` on it; got `{}`", .0.display()
    )]
    NotAbsolute(PathBuf),

    #[error("Failed to read tauri config: {0}")]
    ReadConfig(String),

    #[error("Failed to serialize merged tauri config: {0}")]
    MergeConfig(String),

    #[error(
        "Failed to read tauri config: the version `{0}` is neither a semantic version such as `1.2.3` nor the path of a package.json that holds one"
    )]
    Version(String),

    #[error(
        "Failed to read tauri config: `app.security.pattern` asks for the isolation pattern, which is not supported yet; remove it or use `{{\"use\": \"brownfield\"}}`"
    )]
    Isolation,

    #[error(
        "Failed to read tauri config: two windows of `app.windows` have the label `{0}`; give each its own `label`"
    )]
    DuplicateWindow(String),

    #[error("Failed to parse capabilities files: {0}")]
    ParseCapabilities(String),

    #[error(
        "capability with identifier {wanted} not found. `app.security.capabilities` names it, but the folder `capabilities` holds {known}"
    )]
    CapabilityNotFound { wanted: String, known: String },

    #[error("Failed to add capability `{capability}` of {origin}: {reason}")]
    AddCapability {
        capability: String,
        origin: String,
        reason: String,
    },

    #[error("Failed to add capabilities: {0}")]
    Resolve(String),

    #[error(
        "frontend_dist: `build.frontendDist` is `{0}`, which begins with a drive. Give it a path relative to the folder of the configuration, such as `../dist`"
    )]
    FrontendDrive(String),

    #[error(
        "frontend_dist: Files is not supported yet. Give `build.frontendDist` a folder or a URL instead of a list"
    )]
    FrontendFiles,

    #[error(
        "Failed to load {kind} icon at {}: {reason}. Correct `{key}`, or replace the file by a PNG (an ICO on Windows)", .path.display()
    )]
    Icon {
        /// Of what it is the icon.
        kind: &'static str,
        /// The entry of the configuration that names it.
        key: &'static str,
        path: PathBuf,
        reason: String,
    },
}
