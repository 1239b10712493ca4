//! Opens windows: checks what is asked for, and builds one at a time.
//!
//! | file | job |
//! | --- | --- |
//! | `builder` | the Python class `WebviewWindowBuilder` |
//! | `arguments` | reads the keyword arguments of a new window |
//! | `labels` | gives a label to one thread at a time |
//! | `turns` | queues one window at a time for the UI thread |
//! | `navigation`, `url_policy` | what addresses its page may use |

pub(crate) mod arguments;
pub(crate) mod builder;
pub(crate) mod labels;
pub(crate) mod navigation;
pub(crate) mod turns;
pub(crate) mod url_policy;
