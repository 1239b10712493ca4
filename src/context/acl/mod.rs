//! Decides what each window may do: Tauri's access control list, made from the capability files.
//!
//! | file | job |
//! | --- | --- |
//! | `capabilities` | the capability files and which of them hold |
//! | `absent` | leaves out the permissions of plugins that are not there |
//! | `permissions` | capabilities checked and resolved |
//! | `authority` | what each window may do, asked without an app |

pub(super) mod absent;
pub(super) mod authority;
pub(super) mod capabilities;
pub(super) mod permissions;
