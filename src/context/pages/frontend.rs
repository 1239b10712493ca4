//! Finds out where the pages come from: a folder, a URL, or nowhere.

use std::path::Path;

use tauri::{Config, utils::config::FrontendDist};

use super::{assets::FolderAssets, csp::PagePolicy};
use crate::context::error::Error;

/// Reads `build.frontendDist`, or with `dev` `build.devUrl`. Leaves in `config` what Tauri needs to
/// find the same place. A folder need not be there yet: its files are read at every request.
pub(in crate::context) fn choose(
    config: &mut Config,
    dir: &Path,
    dev: bool,
) -> Result<FolderAssets, Error> {
    if dev && let Some(url) = config.build.dev_url.clone() {
        config.build.frontend_dist = Some(FrontendDist::Url(url));
    }
    let folder = match &config.build.frontend_dist {
        None => return Ok(FolderAssets::empty()),
        Some(FrontendDist::Directory(folder)) => folder,
        // an absolute path of Windows, which Tauri takes for a URL: the drive looks like a scheme
        Some(FrontendDist::Url(url)) if url.scheme().len() == 1 => {
            return Err(Error::FrontendDrive(url.to_string()));
        }
        Some(FrontendDist::Url(_)) => return Ok(FolderAssets::empty()),
        Some(_) => return Err(Error::FrontendFiles),
    };
    let policy = PagePolicy::of(&config.app.security);
    Ok(FolderAssets::new(dir.join(folder), policy))
}
