//! Brings the app's own pages to its windows: finds them, reads them and serves them.
//!
//! | file | job |
//! | --- | --- |
//! | `frontend` | finds out where the pages come from |
//! | `assets`, `path_guard`, `csp` | files read at every request, from inside one folder only |
//! | `serving` | the scheme of the pages, and the types of files |

pub(super) mod assets;
pub(super) mod csp;
pub(super) mod frontend;
mod path_guard;
pub(super) mod serving;
