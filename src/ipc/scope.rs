//! Reads the scope entries that Tauri resolved for a message, and caches them.

use std::sync::Arc;

use dashmap::DashMap;
use serde_json::Value;
use tauri::{
    Runtime,
    ipc::{CommandArg, CommandItem, CommandScope, InvokeMessage},
    utils::acl::resolved::ResolvedCommand,
};

use crate::actors::{Scope, ScopeEntry};

/// The permissions that Tauri found for a message.
type Acl = Option<Vec<ResolvedCommand>>;

/// Parsed scopes by the ids of their entries, which Tauri chose by label and origin.
#[derive(Debug, Default)]
pub(super) struct Scopes(DashMap<Vec<u64>, Arc<Scope>>);

impl Scopes {
    /// The scope of this message's sender. It grants nothing if the entries cannot be read.
    pub(super) fn of<R: Runtime>(&self, message: &InvokeMessage<R>, acl: &Acl) -> Arc<Scope> {
        let ids: Vec<u64> = acl
            .iter()
            .flatten()
            .filter_map(|command| command.scope_id)
            .collect();
        if let Some(scope) = self.0.get(&ids) {
            return Arc::clone(&scope);
        }
        let scope = Arc::new(read(message, acl));
        self.0.insert(ids, Arc::clone(&scope));
        scope
    }
}

fn read<R: Runtime>(message: &InvokeMessage<R>, acl: &Acl) -> Scope {
    let item = CommandItem {
        plugin: Some("transom"),
        name: "call",
        key: "scope",
        message,
        acl,
    };
    match CommandScope::<Value>::from_command(item) {
        Ok(scope) => of_entries(scope.allows(), scope.denies()),
        Err(error) => {
            log::error!("the scope of a window cannot be read, so it grants nothing: {error:?}");
            Scope::default()
        }
    }
}

/// The scope of these entries. It grants nothing if a denial cannot be read.
pub(crate) fn of_entries(allows: &[Arc<Value>], denies: &[Arc<Value>]) -> Scope {
    let (allow, deny) = (entries(allows), entries(denies));
    if deny.len() < denies.len() || !deny.iter().all(ScopeEntry::is_glob) {
        log::error!("a denial that cannot be read denies everything: mend the capability");
        return Scope::default();
    }
    Scope { allow, deny }
}

fn entries(values: &[Arc<Value>]) -> Vec<ScopeEntry> {
    values
        .iter()
        .filter_map(|value| match serde_json::from_value::<ScopeEntry>(Value::clone(value)) {
            Ok(entry) => Some(entry),
            Err(_) => {
                log::error!(
                    "scope entry {value} is ignored: write {{\"command\": \"…\"}} or {{\"window\": \"…\"}}"
                );
                None
            }
        })
        .collect()
}
