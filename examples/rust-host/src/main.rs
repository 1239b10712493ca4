//! Example: a Tauri app in Rust with one command of its own, and commands in Python.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

#[tauri::command]
fn greet_in_rust(name: &str) -> String {
    format!("Hello {name}, from Rust")
}

fn main() -> tauri::Result<()> {
    tauri::Builder::default()
        .plugin(transom::Builder::new().python_path("python").build())
        .invoke_handler(tauri::generate_handler![greet_in_rust])
        .run(tauri::generate_context!())
}
