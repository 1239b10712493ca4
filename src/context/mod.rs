//! Makes a `tauri::Context` from a folder at run time, as `generate_context!` does at compile time.
//!
//! | file | job |
//! | --- | --- |
//! | `config` | the configuration files, merged and checked |
//! | `pages` | where the pages come from, and how their files are read and served |
//! | `acl` | the capabilities and permissions: what each window may do |
//! | `advice` | warns about what is allowed but probably not meant |
//! | `resources` | what `$RESOURCE` is in scopes |
//! | `icon`, `walk`, `error` | the window icon, files below a folder, what can go wrong |

mod acl;
mod advice;
mod config;
mod error;
mod icon;
mod pages;
mod resources;
mod walk;

use std::path::Path;

use serde_json::Value;
use tauri::{Context, PackageInfo, Pattern, Wry, utils::platform::Target};

use acl::{absent, capabilities, permissions};
use pages::frontend;

pub(crate) use acl::authority::Authority;
pub(crate) use error::Error;
pub(crate) use pages::assets::while_blocking;
pub(crate) use pages::csp::PagePolicy;
pub(crate) use pages::serving::{SCHEME, serve};

/// What `withGlobalTauri` puts on the page: Tauri's API and this plugin's.
static PAGE_SCRIPTS: &[&str] = &[include_str!(concat!(env!("OUT_DIR"), "/page-scripts.js"))];

/// A context, and the warnings for its author.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) context: Context<Wry>,
    pub(crate) warnings: Vec<String>,
}

/// Makes a context from `dir`, an absolute path.
///
/// `patch` is merged over the configuration files (JSON Merge Patch); with `dev` the pages come
/// from `build.devUrl` where it is set.
pub(crate) fn build(dir: &Path, patch: Option<&Value>, dev: bool) -> Result<Built, Error> {
    if !dir.is_absolute() {
        return Err(Error::NotAbsolute(dir.into()));
    }
    let target = Target::current();
    let mut config = config::load(dir, patch, target)?;
    resources::in_config(&mut config, dir);
    let mut chosen = capabilities::select(&config, capabilities::read(dir)?)?;
    let assets = frontend::choose(&mut config, dir, dev)?;
    let icon = icon::load(&config, dir)?;
    let tray_icon = icon::load_of_tray(&config, dir)?;
    let package = package_info(&config, dir)?;
    let mut warnings = advice::unread_files(dir, target);
    let manifests = permissions::of_this_build()?;
    warnings.extend(absent::leave_out(&mut chosen, &manifests, target));
    warnings.extend(advice::missing_frontend(&config, dir));
    warnings.extend(advice::collect(&config, &chosen));
    let authority = permissions::resolve(chosen, manifests, target, dir)?;
    let scripts = config.app.with_global_tauri.then_some(PAGE_SCRIPTS);
    let mut context = Context::new(
        config,
        Box::new(assets),
        Some(icon),
        None, // read by Tauri in its own dev builds only
        package,
        Pattern::Brownfield,
        authority,
        scripts,
    );
    if let Some(icon) = tray_icon {
        context.set_tray_icon(Some(icon));
    }
    Ok(Built { context, warnings })
}

fn package_info(config: &tauri::Config, dir: &Path) -> Result<PackageInfo, Error> {
    let name = config.product_name.clone().unwrap_or_else(|| {
        dir.file_name()
            .map_or_else(|| "app".into(), |name| name.to_string_lossy().into_owned())
    });
    let version = config.version.as_deref().unwrap_or("0.0.0");
    Ok(PackageInfo {
        name,
        version: version
            .parse()
            .map_err(|_| Error::Version(version.into()))?,
        authors: "",
        description: "",
        crate_name: env!("CARGO_PKG_NAME"),
    })
}

#[cfg(test)]
mod tests;
