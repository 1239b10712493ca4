//! Reads the arguments of Python code, and makes Python's enums and exceptions of Tauri's.
//!
//! | file | job |
//! | --- | --- |
//! | `checked` | arguments for the window system, checked while they are read |
//! | `fields` | the values of a dictionary, by name |
//! | `enum_mirror` | Python enums that mirror an enum of Tauri |
//! | `errors` | Python exceptions, made of errors |

pub(crate) mod checked;
pub(crate) mod enum_mirror;
pub(crate) mod errors;
pub(crate) mod fields;
