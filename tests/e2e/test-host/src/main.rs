//! Test app in Rust: a second webview in a window, and code that panics in the actors' steps.

mod log_to_stderr;
mod panics;

use tauri::{
    LogicalPosition, LogicalSize, Manager as _, WebviewUrl, Window, webview::WebviewBuilder,
};

#[tauri::command]
async fn open_child(window: Window) -> tauri::Result<()> {
    let child = WebviewBuilder::new("child", WebviewUrl::App("index.html".into()));
    let (at, size) = (LogicalPosition::new(0, 200), LogicalSize::new(400, 200));
    window.add_child(child, at, size).map(drop)
}

#[tauri::command]
async fn close_child(window: Window) -> tauri::Result<()> {
    match window.get_webview("child") {
        Some(child) => child.close(),
        None => Ok(()),
    }
}

/// Makes the next step of an actor of this kind panic.
#[tauri::command]
fn panic_next(kind: String) {
    transom::panic_next(kind);
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    log_to_stderr::install()?;
    tracing::subscriber::set_global_default(panics::Panics::default())?;
    tauri::Builder::default()
        .plugin(transom::Builder::new().build())
        .invoke_handler(tauri::generate_handler![
            open_child,
            close_child,
            panic_next
        ])
        .run(tauri::generate_context!())?;
    Ok(())
}
