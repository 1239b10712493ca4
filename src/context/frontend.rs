//! Finds out where the pages come from: a folder, a URL, or nowhere.

use std::path::Path;

use tauri::{Config, utils::config::FrontendDist};

use super::{assets::FolderAssets, csp::PagePolicy, error::Error};

/// Reads `build.frontendDist`, or with `dev` `build.devUrl`. Leaves in `config` what Tauri needs to
/// find the same place.
pub(super) fn choose(config: &mut Config, dir: &Path, dev: bool) -> Result<FolderAssets, Error> {
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
    let root = dir.join(folder);
    if !root.is_dir() {
        return Err(Error::FrontendMissing {
            configured: folder.display().to_string(),
            looked_for: root,
        });
    }
    Ok(FolderAssets::new(
        root,
        PagePolicy::of(&config.app.security),
    ))
}
