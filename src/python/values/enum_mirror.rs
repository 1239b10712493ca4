//! Provides the macro for Python enums that mirror an enum of Tauri.

/// `mirror!(module, Name => tauri::Name { A, B })`: a frozen pyclass that converts into Tauri's.
macro_rules! mirror {
    ($(#[$doc:meta])* $module:literal, $name:ident => $tauri:path { $($value:ident),* $(,)? }) => {
        $(#[$doc])*
        #[pyo3::pyclass(frozen, eq, hash, from_py_object, module = $module)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum $name { $($value),* }

        impl From<$name> for $tauri {
            fn from(value: $name) -> Self {
                match value { $($name::$value => <$tauri>::$value),* }
            }
        }
    };
}
pub(crate) use mirror;
