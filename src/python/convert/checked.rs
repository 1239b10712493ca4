//! Checks arguments for the window system while they are read, and raises `ValueError`.

use std::path::PathBuf;

use pyo3::prelude::*;
use tauri::webview::Color;

use crate::desktop::{
    window_values as values,
    window_values::{FARTHEST, LARGEST, LONGEST_LABEL, ZOOM},
};

/// Each line: `name(type): what it is, |value| whether it is valid`.
macro_rules! checked {
    ($($(#[$doc:meta])* $name:ident($type:ty): $what:expr, |$it:ident| $holds:expr;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, IntoPyObject)]
            pub(crate) struct $name(pub(crate) $type);

            impl<'py> FromPyObject<'_, 'py> for $name {
                type Error = PyErr;

                fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
                    use pyo3::exceptions::{PyOverflowError, PyValueError};

                    match object.extract::<$type>().map_err(PyErr::from) {
                        Ok($it) if $holds => Ok(Self($it)),
                        // An integer that the type has no room for is a wrong one too.
                        Err(error) if !error.is_instance_of::<PyOverflowError>(object.py()) => Err(error),
                        _ => Err(PyValueError::new_err(format!("{} is not {}", object.repr()?, $what))),
                    }
                }
            }
        )*
    };
}
pub(crate) use checked;

checked! {
    /// A text.
    Text(String): "a text without NUL characters, at which it would be cut", |it| !values::has_nul(&it);
    /// The path of a file or folder.
    FilePath(PathBuf): "a path without NUL characters", |it| !values::has_nul(&it);
    /// A label of a window.
    Label(String): format!("a label, of letters, digits, `-`, `/`, `:` and `_`, 1 to {LONGEST_LABEL} bytes"), |it| values::is_label(&it);
    /// A side of a window, in scaled pixels.
    Side(f64): format!("a length from 1 to {LARGEST}"), |it| values::is_side(it);
    /// The least that a side can be, in scaled pixels.
    Least(f64): format!("a length from 0 to {LARGEST}"), |it| values::is_least(it);
    /// A length in scaled pixels.
    Length(f64): "a length, a finite number from 0", |it| values::is_length(it);
    /// A length in device pixels.
    Pixels(u32): "a length, a whole number from 0", |it| values::is_length(it.into());
    /// A coordinate in scaled pixels.
    Coordinate(f64): format!("a coordinate, at most {FARTHEST} from 0"), |it| values::is_coordinate(it);
    /// A coordinate in device pixels.
    PixelCoordinate(i32): format!("a coordinate, at most {FARTHEST} from 0"), |it| values::is_coordinate(it.into());
    /// A number.
    Finite(f64): "a finite number", |it| it.is_finite();
    /// How large a page is shown.
    Zoom(f64): format!("a zoom from {} to {}", ZOOM.start(), ZOOM.end()), |it| ZOOM.contains(&it);
    /// A part of a colour.
    Part(u8): "a part of a colour, from 0 to 255", |it| true;
    /// A number of things.
    Count(i64): "a count, a whole number from 0", |it| it >= 0;
    /// A part of a whole.
    Percent(u64): "a percentage, from 0 to 100", |it| it <= 100;
}

/// Red, green, blue and alpha.
pub(crate) type Rgba = (Part, Part, Part, Part);

/// The colour of its parts.
pub(crate) fn color_of((Part(red), Part(green), Part(blue), Part(alpha)): Rgba) -> Color {
    Color::from((red, green, blue, alpha))
}
