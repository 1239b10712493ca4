//! Defines the Python enums `Effect` and `EffectState`, and reads `Effects`: what a window's
//! background looks like on Windows and macOS.

// Of the materials of macOS, Tauri advises against the oldest. They still are what an app may ask for.
#![allow(deprecated)]

use pyo3::prelude::*;
use tauri::{utils::config::WindowEffectsConfig, window::EffectsBuilder};

use crate::python::convert::{
    checked::{Finite, Rgba, color_of},
    enum_mirror::{Mirror as _, mirror},
    fields::Fields,
};

mirror!(
    /// What shines through the background of a window: Windows from `Mica` on, macOS the others.
    "transom.window",
    Effect => tauri::window::Effect {
        AppearanceBased, Light, Dark, MediumLight, UltraDark, Titlebar, Selection, Menu, Popover,
        Sidebar, HeaderView, Sheet, WindowBackground, HudWindow, FullScreenUI, Tooltip,
        ContentBackground, UnderWindowBackground, UnderPageBackground, Mica, MicaDark, MicaLight,
        Tabbed, TabbedDark, TabbedLight, Blur, Acrylic,
    }
);

mirror!(
    /// Whether an effect follows the window or stays as it is, on macOS.
    "transom.window",
    EffectState => tauri::window::EffectState { FollowsWindowActiveState, Active, Inactive }
);

/// The effects of a window, read of a dictionary with the keys `effects`, `state`, `radius`,
/// `color`.
#[derive(Debug)]
pub(crate) struct Effects(pub(crate) WindowEffectsConfig);

impl<'py> FromPyObject<'_, 'py> for Effects {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let fields = Fields::of("Effects", &object)?;
        let effects: Option<Vec<Effect>> = fields.take("effects")?;
        let mut builder = EffectsBuilder::new().effects(
            effects
                .into_iter()
                .flatten()
                .map(tauri::window::Effect::from),
        );
        if let Some(state) = fields.take::<EffectState>("state")? {
            builder = builder.state(state.into());
        }
        if let Some(radius) = fields.take::<Finite>("radius")? {
            builder = builder.radius(radius.0);
        }
        if let Some(color) = fields.take::<Rgba>("color")? {
            builder = builder.color(color_of(color));
        }
        fields.end()?;
        Ok(Self(builder.build()))
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    Effect::register(module)?;
    EffectState::register(module)
}
