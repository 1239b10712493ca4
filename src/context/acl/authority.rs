//! Tells what each window may do by the capabilities, without a running app.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use serde_json::Value;
use tauri::{
    ipc::{Origin, RuntimeAuthority},
    utils::{
        acl::{
            capability::CapabilityFile,
            resolved::{ResolvedScope, ScopeKey},
        },
        config::{TrayIconConfig, WindowConfig},
        platform::Target,
    },
};

use super::{absent, capabilities, permissions};
use crate::{
    actors::Scope,
    context::{config, error::Error},
    ipc::scope_of_entries,
};

/// Capabilities, resolved as for a running app.
pub(crate) struct Authority {
    /// What the author of the capabilities should know, one line each.
    pub(crate) warnings: Vec<String>,
    commands: RuntimeAuthority,
    scopes: BTreeMap<ScopeKey, ResolvedScope>,
    /// The windows that the app opens at its start.
    pub(crate) windows: Vec<WindowConfig>,
    /// The tray icon that it makes at its start, with the absolute path of its image.
    pub(crate) tray_icon: Option<TrayIconConfig>,
}

impl Authority {
    /// Reads the capabilities that an app made from `dir` has.
    pub(crate) fn of_folder(dir: &Path) -> Result<Self, Error> {
        if !dir.is_absolute() {
            return Err(Error::NotAbsolute(dir.into()));
        }
        let mut config = config::load(dir, None, Target::current())?;
        let chosen = capabilities::select(&config, capabilities::read(dir)?)?;
        config.app.windows.retain(|window| window.create);
        let tray_icon = config.app.tray_icon.map(|tray| TrayIconConfig {
            icon_path: dir.join(&tray.icon_path),
            ..tray
        });
        Ok(Self {
            tray_icon,
            ..Self::new(chosen, config.app.windows)?
        })
    }

    /// Reads the capabilities of the text of a capability file.
    pub(crate) fn of_json(text: &str) -> Result<Self, Error> {
        let file: CapabilityFile =
            serde_json::from_str(text).map_err(|err| Error::ParseCapabilities(err.to_string()))?;
        Self::new(capabilities::of_file(file)?, Vec::new())
    }

    fn new(
        mut chosen: capabilities::Capabilities,
        windows: Vec<WindowConfig>,
    ) -> Result<Self, Error> {
        let (manifests, target) = (permissions::of_this_build()?, Target::current());
        let warnings = absent::leave_out(&mut chosen, &manifests, target);
        let resolved = permissions::resolved(chosen, &manifests, target)?;
        Ok(Self {
            warnings,
            scopes: resolved.command_scope.clone(),
            commands: tauri::runtime_authority!(manifests, resolved),
            windows,
            tray_icon: None,
        })
    }

    /// The scope of the window `label` while it shows a page of the app itself, or the remote
    /// `url`. `None`: it may not reach Python at all. An error says that `url` is not a URL.
    pub(crate) fn scope(&self, label: &str, url: Option<&str>) -> Result<Option<Scope>, String> {
        let origin = match url {
            None => Origin::Local,
            Some(url) => Origin::Remote {
                url: url.parse().map_err(|err| format!("`{url}`: {err}"))?,
            },
        };
        let found = self
            .commands
            .resolve_access("plugin:transom|call", label, label, &origin);
        Ok(found.map(|commands| {
            let ids = commands.iter().filter_map(|command| command.scope_id);
            let scopes: Vec<_> = ids.filter_map(|id| self.scopes.get(&id)).collect();
            let allow = scopes.iter().flat_map(|scope| &scope.allow);
            let deny = scopes.iter().flat_map(|scope| &scope.deny);
            let value = |value: &tauri::utils::acl::Value| Arc::new(Value::from(value.clone()));
            let (allow, deny): (Vec<_>, Vec<_>) =
                (allow.map(value).collect(), deny.map(value).collect());
            scope_of_entries(&allow, &deny)
        }))
    }
}
