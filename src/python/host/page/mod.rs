//! Lets Python call into pages: functions that they have exposed, and scripts.
//!
//! | file | job |
//! | --- | --- |
//! | `call` | calls a function that a page has exposed |
//! | `answer` | makes Python values of what it answers |
//! | `evaluate` | runs a script and hands over its value |

pub(crate) mod answer;
pub(crate) mod call;
mod evaluate;
