//! Defines the Python class `Image`: the pixels of an icon.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    panic::{AssertUnwindSafe, catch_unwind},
};

use pyo3::{
    buffer::PyBuffer,
    exceptions::{PyException, PyImportError, PyTypeError, PyValueError},
    intern,
    prelude::*,
    types::PyBytes,
};

use crate::desktop::window_values::LARGEST;
use crate::python::{convert::checked::checked, gil};

checked! {
    /// The width or height of an image.
    Extent(u32): format!("a side of an image, a whole number of pixels from 1 to {LARGEST}"),
        |it| it >= 1 && f64::from(it) <= LARGEST;
}

/// The pixels of an icon, row by row from the top: red, green, blue and alpha, a byte each.
///
/// It does not change. Images with the same pixels are equal.
#[pyclass(frozen, module = "transom.image")]
pub(crate) struct Image {
    /// Python's `bytes`, so that reading them copies nothing.
    rgba: Py<PyBytes>,
    width: u32,
    height: u32,
}

impl Image {
    fn of(rgba: Bound<'_, PyBytes>, width: u32, height: u32) -> PyResult<Self> {
        let (needed, given) = (
            u64::from(width) * u64::from(height) * 4,
            rgba.as_bytes().len(),
        );
        if needed != u64::try_from(given).unwrap_or(u64::MAX) {
            return Err(PyValueError::new_err(format!(
                "`rgba` has {given} bytes; an image of {width} × {height} pixels has {needed}, four \
                 for each pixel"
            )));
        }
        Ok(Self {
            rgba: rgba.unbind(),
            width,
            height,
        })
    }

    /// Checks the sides of an image that was read from elsewhere.
    fn sized(rgba: Bound<'_, PyBytes>, width: usize, height: usize) -> PyResult<Self> {
        let py = rgba.py();
        let side = |side: usize| Extent::extract(side.into_pyobject(py)?.as_any().as_borrowed());
        let (width, height) = (side(width)?, side(height)?);
        Self::of(rgba, width.0, height.0)
    }

    pub(crate) fn from_tauri(py: Python<'_>, image: &tauri::image::Image<'_>) -> PyResult<Self> {
        Self::of(
            PyBytes::new(py, image.rgba()),
            image.width(),
            image.height(),
        )
    }

    /// A copy for Tauri.
    pub(crate) fn to_tauri(&self, py: Python<'_>) -> tauri::image::Image<'static> {
        let rgba = self.rgba.as_bytes(py).to_vec();
        tauri::image::Image::new_owned(rgba, self.width, self.height)
    }
}

/// An image as an argument.
pub(crate) struct Icon(pub(crate) tauri::image::Image<'static>);

impl<'py> FromPyObject<'_, 'py> for Icon {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let image = object.cast::<Image>().map_err(|_| {
            PyTypeError::new_err(format!(
                "expected a `transom.image.Image`, got {}; `Image.from_path` reads one from a file",
                kind_of(&object)
            ))
        })?;
        Ok(Self(image.get().to_tauri(object.py())))
    }
}

fn kind_of(object: &Bound<'_, PyAny>) -> String {
    let name = object.get_type().name();
    name.map_or_else(|_| "something else".into(), |name| name.to_string())
}

/// The bytes of an object with a buffer, and its shape.
fn bytes_of<'py>(
    what: &str,
    object: &Bound<'py, PyAny>,
) -> PyResult<(Bound<'py, PyBytes>, Vec<usize>)> {
    if let Ok(bytes) = object.cast::<PyBytes>() {
        return Ok((bytes.clone(), vec![bytes.as_bytes().len()]));
    }
    let py = object.py();
    let buffer = PyBuffer::<u8>::get(object).map_err(|_| {
        PyTypeError::new_err(format!(
            "`{what}` is an object with a buffer of bytes, such as `bytes` or an array of `uint8`, \
             not {}",
            kind_of(object)
        ))
    })?;
    let bytes = PyBytes::new(py, &buffer.to_vec(py)?);
    Ok((bytes, buffer.shape().to_vec()))
}

/// Reads a PNG or ICO file. `None`: it is none.
fn decoded(data: &[u8]) -> Option<tauri::image::Image<'static>> {
    let decode = || tauri::image::Image::from_bytes(data).map(tauri::image::Image::to_owned);
    // The decoders get what anybody wrote.
    catch_unwind(AssertUnwindSafe(decode)).ok()?.ok()
}

fn is_of_no_format(error: &PyErr, py: Python<'_>) -> bool {
    let unidentified = py
        .import("PIL")
        .and_then(|it| it.getattr("UnidentifiedImageError"));
    unidentified.is_ok_and(|it| error.value(py).is_instance(&it).unwrap_or(false))
}

/// Reads an image of another format with Pillow, if it is installed.
fn with_pillow(data: &Bound<'_, PyBytes>) -> PyResult<Image> {
    let py = data.py();
    let opened = || -> PyResult<Image> {
        let pillow = py.import("PIL.Image")?;
        let file = py.import("io")?.call_method1("BytesIO", (data,))?;
        Image::from_pil(&pillow.call_method1("open", (file,))?)
    };
    opened().map_err(|error| {
        let text = if error.is_instance_of::<PyImportError>(py) {
            "the image is neither a PNG nor an ICO; install Pillow for other formats".to_owned()
        } else if is_of_no_format(&error, py) {
            // Pillow's own text has the address of the file object.
            "the image is in no format that Pillow reads".to_owned()
        } else if error.is_instance_of::<PyException>(py) {
            format!("the image cannot be read: {}", error.value(py))
        } else {
            return error;
        };
        let refused = PyValueError::new_err(text);
        refused.set_cause(py, Some(error));
        refused
    })
}

#[pymethods]
impl Image {
    /// An image of `rgba`, any object with a buffer. `ValueError` if its length does not fit.
    #[new]
    #[pyo3(signature = (rgba, width, height, /))]
    fn new(rgba: &Bound<'_, PyAny>, width: Extent, height: Extent) -> PyResult<Self> {
        let (rgba, _) = bytes_of("rgba", rgba)?;
        Self::of(rgba, width.0, height.0)
    }

    /// Make one of an image of Pillow, in any mode.
    #[staticmethod]
    #[pyo3(signature = (image, /))]
    fn from_pil(image: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = image.py();
        let _visit = gil::visit(py);
        let names = ["mode", "size", "convert", "tobytes"];
        for name in names {
            if image.getattr_opt(name)?.is_none() {
                return Err(PyTypeError::new_err(format!(
                    "expected an image of Pillow, got {}",
                    kind_of(image)
                )));
            }
        }
        let is_rgba = image.getattr(intern!(py, "mode"))?.eq("RGBA")?;
        let image = if is_rgba {
            image.clone()
        } else {
            image.call_method1(intern!(py, "convert"), ("RGBA",))?
        };
        let (width, height) = image.getattr(intern!(py, "size"))?.extract()?;
        let rgba = image.call_method0(intern!(py, "tobytes"))?;
        Self::sized(rgba.cast_into()?, width, height)
    }

    /// Make one of an array of `uint8`, such as one of numpy.
    ///
    /// Its shape is (height, width, 4), (height, width, 3), or (height, width) for shades of grey.
    #[staticmethod]
    #[pyo3(signature = (array, /))]
    fn from_array(array: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = array.py();
        let _visit = gil::visit(py);
        let (bytes, shape) = bytes_of("array", array)?;
        let (height, width, parts) = match shape[..] {
            [height, width] => (height, width, 1),
            [height, width, parts @ (1 | 3 | 4)] => (height, width, parts),
            _ => {
                return Err(PyValueError::new_err(format!(
                    "the shape of `array` is (height, width, 4), (height, width, 3) or (height, \
                     width), not {shape:?}"
                )));
            }
        };
        let pixels = bytes.as_bytes().chunks_exact(parts);
        let rgba = match parts {
            4 => bytes,
            3 => PyBytes::new(
                py,
                &pixels
                    .flat_map(|it| [it[0], it[1], it[2], 255])
                    .collect::<Vec<_>>(),
            ),
            _ => PyBytes::new(
                py,
                &pixels
                    .flat_map(|it| [it[0], it[0], it[0], 255])
                    .collect::<Vec<_>>(),
            ),
        };
        Self::sized(rgba, width, height)
    }

    /// Read a PNG or ICO file; with Pillow installed, any file that Pillow reads.
    ///
    /// `ValueError` where it cannot be read.
    #[staticmethod]
    #[pyo3(signature = (data, /))]
    fn from_bytes(data: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = data.py();
        let _visit = gil::visit(py);
        let (data, _) = bytes_of("data", data)?;
        let bytes = data.as_bytes();
        match gil::detach(py, || decoded(bytes)) {
            Some(image) => {
                let rgba = PyBytes::new(py, image.rgba());
                Self::of(rgba, image.width(), image.height())
            }
            None => with_pillow(&data),
        }
    }

    /// Read a file as `from_bytes` does; `OSError` where there is none.
    #[staticmethod]
    #[pyo3(signature = (path, /))]
    fn from_path(path: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = path.py();
        let _visit = gil::visit(py);
        let file = py.import("io")?.call_method1("open", (path, "rb"))?;
        let read = file.call_method0("read");
        file.call_method0("close")?;
        Self::from_bytes(&read?).map_err(|error| {
            if !error.is_instance_of::<PyValueError>(py) {
                return error;
            }
            let name = path
                .str()
                .map_or_else(|_| "the file".into(), |it| it.to_string());
            let named = PyValueError::new_err(format!("{name}: {}", error.value(py)));
            named.set_cause(py, error.cause(py));
            named
        })
    }

    /// The pixels; not copied.
    #[getter]
    fn rgba(&self, py: Python<'_>) -> Py<PyBytes> {
        self.rgba.clone_ref(py)
    }

    #[getter]
    fn width(&self) -> u32 {
        self.width
    }

    #[getter]
    fn height(&self) -> u32 {
        self.height
    }

    fn __eq__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| {
            let other = other.get();
            self.width == other.width && self.rgba.as_bytes(py) == other.rgba.as_bytes(py)
        })
    }

    fn __hash__(&self, py: Python<'_>) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.width, self.rgba.as_bytes(py)).hash(&mut hasher);
        hasher.finish()
    }

    fn __repr__(&self) -> String {
        format!("<Image {} × {}>", self.width, self.height)
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Image>()
}
