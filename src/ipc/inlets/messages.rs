//! Decides which pages may send small calls as script messages, which is faster than requests.
//!
//! A message takes a third of the time of a request. But Tauri does not see messages, so it cannot
//! check their permissions. A message is therefore taken only from a document that has said hello
//! and whose calls Tauri has let through before, both by request. The document proves itself by its
//! epoch, which nobody else knows, and has the scope that Tauri gave it then.

use std::sync::Arc;

use dashmap::{DashMap, DashSet};

use crate::actors::{Epoch, Name, Origin, Scope};

/// How long the body of a message may be, in UTF-16 units. At twice this length a request costs no
/// more (`docs/internals/benchmarks.md`).
pub(in crate::ipc) const LIMIT: usize = 128 * 1024;

/// The document of a window, once it has said hello.
struct DocumentScope {
    epoch: Epoch,
    /// The scope. It is known once Tauri has let a call through.
    scope: Option<Arc<Scope>>,
}

/// The documents that may send messages, and the commands that they may call by them.
#[derive(Default)]
pub(crate) struct Messages {
    /// Webviews that can send messages.
    webviews: DashSet<Name>,
    /// Commands whose calls need nothing that only a request has.
    commands: DashSet<Name>,
    documents: DashMap<Name, DocumentScope>,
}

impl Messages {
    /// Notes that this webview can send messages.
    pub(crate) fn carried_by(&self, label: &str) {
        self.webviews.insert(label.into());
    }

    /// Notes that the window and its webview are gone.
    pub(crate) fn gone(&self, label: &str) {
        self.webviews.remove(label);
        self.documents.remove(label);
    }

    /// Sets whether calls of a command may come as messages.
    pub(crate) fn admit(&self, command: &str, may: bool) {
        if may {
            self.commands.insert(command.into());
        } else {
            self.commands.remove(command);
        }
    }

    /// Whether calls of a command may come as messages.
    pub(in crate::ipc) fn admits(&self, command: &str) -> bool {
        self.commands.contains(command)
    }

    /// Notes that a document said hello. Returns how long the bodies of its messages may be;
    /// `None`: it may send none.
    pub(in crate::ipc) fn open(&self, label: &str, epoch: Epoch, origin: &Origin) -> Option<usize> {
        let may = *origin == Origin::Local && self.webviews.contains(label);
        if may && !self.knows(label, epoch) {
            let document = DocumentScope { epoch, scope: None };
            self.documents.insert(label.into(), document);
        }
        may.then_some(LIMIT)
    }

    /// Notes that Tauri let a call of the document through.
    pub(crate) fn let_through(&self, label: &str, epoch: Epoch, scope: &Arc<Scope>) {
        if let Some(mut document) = self.documents.get_mut(label)
            && document.epoch == epoch
        {
            document.scope = Some(Arc::clone(scope));
        }
    }

    /// Notes that the document is gone.
    pub(in crate::ipc) fn retire(&self, label: &str, epoch: Epoch) {
        self.documents
            .remove_if(label, |_, document| document.epoch == epoch);
    }

    fn knows(&self, label: &str, epoch: Epoch) -> bool {
        self.documents
            .get(label)
            .is_some_and(|document| document.epoch == epoch)
    }

    /// The scope of the document. `None`: it may send no messages.
    pub(in crate::ipc) fn scope(&self, label: &str, epoch: Epoch) -> Option<Arc<Scope>> {
        let document = self.documents.get(label)?;
        let scope = document.scope.as_ref()?;
        (document.epoch == epoch).then(|| Arc::clone(scope))
    }
}

impl std::fmt::Debug for Messages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Messages")
            .field("documents", &self.documents.len())
            .finish_non_exhaustive()
    }
}
