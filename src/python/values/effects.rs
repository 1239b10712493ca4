//! Defines the Python enums `Effect` and `EffectState`, and reads `Effects`: what a window's
//! background looks like on Windows and macOS.

// Of the materials of macOS, Tauri advises against the oldest. They still are what an app may ask for.
#![allow(deprecated)]

use pyo3::{prelude::*, types::PyDict};
use tauri::{utils::config::WindowEffectsConfig, window::EffectsBuilder};

use super::{
    checked::{Finite, Rgba, color_of},
    enum_mirror::{Mirror as _, mirror},
    fields::Fields,
};

mirror!(
    /// What shines through the background of a window, on Windows and macOS.
    "transom.window",
    Effect => tauri::window::Effect {
        AppearanceBased, Light, Dark, MediumLight, UltraDark, Titlebar, Selection, Menu, Popover,
        Sidebar, HeaderView, Sheet, WindowBackground, HudWindow, FullScreenUI, Tooltip,
        ContentBackground, UnderWindowBackground, UnderPageBackground, Mica, MicaDark, MicaLight,
        Tabbed, TabbedDark, TabbedLight, Blur, Acrylic,
    }
);

mirror!(
    /// Whether the effect follows the window, on macOS.
    "transom.window",
    EffectState => tauri::window::EffectState { FollowsWindowActiveState, Active, Inactive }
);

/// The effects of a window: in Python a dictionary with the keys that are given of these.
#[derive(Debug)]
pub(crate) struct Effects {
    effects: Vec<Effect>,
    state: Option<EffectState>,
    radius: Option<Finite>,
    color: Option<Rgba>,
}

impl<'py> FromPyObject<'_, 'py> for Effects {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let fields = Fields::of("Effects", &object)?;
        let effects: Option<Vec<Effect>> = fields.take("effects")?;
        let read = Self {
            effects: effects.unwrap_or_default(),
            state: fields.take("state")?,
            radius: fields.take("radius")?,
            color: fields.take("color")?,
        };
        fields.end()?;
        Ok(read)
    }
}

impl<'py> IntoPyObject<'py> for Effects {
    type Target = PyDict;
    type Output = Bound<'py, PyDict>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let fields = PyDict::new(py);
        fields.set_item("effects", self.effects)?;
        if let Some(state) = self.state {
            fields.set_item("state", state)?;
        }
        if let Some(radius) = self.radius {
            fields.set_item("radius", radius)?;
        }
        if let Some(color) = self.color {
            fields.set_item("color", color)?;
        }
        Ok(fields)
    }
}

impl From<Effects> for WindowEffectsConfig {
    fn from(read: Effects) -> Self {
        let effects = read.effects.into_iter().map(tauri::window::Effect::from);
        let mut builder = EffectsBuilder::new().effects(effects);
        if let Some(state) = read.state {
            builder = builder.state(state.into());
        }
        if let Some(radius) = read.radius {
            builder = builder.radius(radius.0);
        }
        if let Some(color) = read.color {
            builder = builder.color(color_of(color));
        }
        builder.build()
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    Effect::register(module)?;
    EffectState::register(module)
}
