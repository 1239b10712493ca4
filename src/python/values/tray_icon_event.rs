//! Defines the Python class `TrayIconEvent`: what the mouse does at a tray icon.

use pyo3::prelude::*;

use super::geometry::rect::Rect;

/// A button of the mouse.
#[pyclass(frozen, eq, hash, from_py_object, module = "transom.tray")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum MouseButton {
    Left,
    Right,
    Middle,
}

/// Whether a button of the mouse is pressed.
#[pyclass(frozen, eq, hash, from_py_object, module = "transom.tray")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum MouseButtonState {
    Up,
    Down,
}

/// What the mouse does at a tray icon. Positions are in device pixels.
#[pyclass(frozen, from_py_object, module = "transom.tray")]
#[derive(Clone, Debug)]
pub(crate) enum TrayIconEvent {
    Click {
        id: String,
        position: (f64, f64),
        rect: Rect,
        button: MouseButton,
        button_state: MouseButtonState,
    },
    DoubleClick {
        id: String,
        position: (f64, f64),
        rect: Rect,
        button: MouseButton,
    },
    Enter {
        id: String,
        position: (f64, f64),
        rect: Rect,
    },
    Move {
        id: String,
        position: (f64, f64),
        rect: Rect,
    },
    Leave {
        id: String,
        position: (f64, f64),
        rect: Rect,
    },
    #[pyo3(name = "_NonExhaustive")]
    NonExhaustive(),
}

#[cfg(feature = "menus")]
impl From<tauri::tray::MouseButton> for MouseButton {
    fn from(button: tauri::tray::MouseButton) -> Self {
        match button {
            tauri::tray::MouseButton::Left => Self::Left,
            tauri::tray::MouseButton::Right => Self::Right,
            tauri::tray::MouseButton::Middle => Self::Middle,
        }
    }
}

#[cfg(feature = "menus")]
impl From<tauri::tray::MouseButtonState> for MouseButtonState {
    fn from(state: tauri::tray::MouseButtonState) -> Self {
        match state {
            tauri::tray::MouseButtonState::Up => Self::Up,
            tauri::tray::MouseButtonState::Down => Self::Down,
        }
    }
}

#[cfg(feature = "menus")]
impl From<tauri::tray::TrayIconEvent> for TrayIconEvent {
    fn from(event: tauri::tray::TrayIconEvent) -> Self {
        use tauri::tray::TrayIconEvent as Event;

        let id = event.id().0.clone();
        match event {
            Event::Click {
                position,
                rect,
                button,
                button_state,
                ..
            } => Self::Click {
                id,
                position: position.into(),
                rect: rect.into(),
                button: button.into(),
                button_state: button_state.into(),
            },
            Event::DoubleClick {
                position,
                rect,
                button,
                ..
            } => Self::DoubleClick {
                id,
                position: position.into(),
                rect: rect.into(),
                button: button.into(),
            },
            Event::Enter { position, rect, .. } => Self::Enter {
                id,
                position: position.into(),
                rect: rect.into(),
            },
            Event::Move { position, rect, .. } => Self::Move {
                id,
                position: position.into(),
                rect: rect.into(),
            },
            Event::Leave { position, rect, .. } => Self::Leave {
                id,
                position: position.into(),
                rect: rect.into(),
            },
            _ => Self::NonExhaustive(),
        }
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<MouseButton>()?;
    module.add_class::<MouseButtonState>()?;
    module.add_class::<TrayIconEvent>()
}
