//! A Tauri context made at run time from a folder.
