//! Shows messages and lets the user pick files, for the Python module `transom.plugins.dialog`.

use std::path::PathBuf;

use pyo3::{
    exceptions::{PyRuntimeError, PyValueError},
    prelude::*,
};
use tauri::{Manager as _, WebviewWindow as Window, Wry};
use tauri_plugin_dialog::{
    Dialog, FileDialogBuilder, FilePath, MessageDialogBuilder, MessageDialogButtons,
    MessageDialogKind,
};

use super::{
    question::{self, AnswerCallback},
    texts::check_text,
};
use crate::python::{app::manager::AnyManager, gil, window::webview_window::WebviewWindow};

/// The dialogs of the app. `RuntimeError` without the plugin.
fn dialogs(manager: &AnyManager) -> PyResult<Dialog<Wry>> {
    let dialog = manager.app.try_state::<Dialog<Wry>>();
    dialog.map(|it| it.inner().clone()).ok_or_else(|| {
        PyRuntimeError::new_err(
            "the plugin `dialog` is not registered: pass `transom.plugins.dialog.init()` to \
             `build(plugins=[…])`",
        )
    })
}

/// The window that a dialog belongs to. `PermissionError` for a window out of reach.
fn parent_of(manager: &AnyManager, parent: Option<&WebviewWindow>) -> PyResult<Option<Window>> {
    let Some(parent) = parent else {
        return Ok(None);
    };
    manager.check(parent.window.label())?;
    Ok(Some(parent.window.clone()))
}

fn buttons_of(words: &[String]) -> PyResult<MessageDialogButtons> {
    for word in words {
        check_text("buttons", word)?;
    }
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    Ok(match words.as_slice() {
        ["Ok"] => MessageDialogButtons::Ok,
        ["OkCancel"] => MessageDialogButtons::OkCancel,
        ["YesNo"] => MessageDialogButtons::YesNo,
        ["OkCustom", ok] => MessageDialogButtons::OkCustom((*ok).into()),
        ["OkCancelCustom", ok, cancel] => {
            MessageDialogButtons::OkCancelCustom((*ok).into(), (*cancel).into())
        }
        _ => return Err(PyValueError::new_err(format!("unknown buttons: {words:?}"))),
    })
}

fn kind_of(name: &str) -> PyResult<MessageDialogKind> {
    Ok(match name {
        "Info" => MessageDialogKind::Info,
        "Warning" => MessageDialogKind::Warning,
        "Error" => MessageDialogKind::Error,
        _ => return Err(PyValueError::new_err(format!("unknown kind: {name:?}"))),
    })
}

/// Shows `message`. The answer, whether the user agreed, goes to `handler`; with `None` this waits
/// for it.
#[pyfunction]
#[pyo3(signature = (manager, message, handler, /, *, title=None, kind="Info", buttons, parent=None))]
#[allow(clippy::too_many_arguments)] // the keywords of Python
fn show_message(
    manager: &Bound<'_, PyAny>,
    message: String,
    handler: Option<&Bound<'_, PyAny>>,
    title: Option<String>,
    kind: &str,
    buttons: Vec<String>,
    parent: Option<PyRef<'_, WebviewWindow>>,
) -> PyResult<Option<bool>> {
    let py = manager.py();
    check_text("message", &message)?;
    title.iter().try_for_each(|it| check_text("title", it))?;
    let (kind, buttons) = (kind_of(kind)?, buttons_of(&buttons)?);
    let manager = AnyManager::of(manager)?;
    let parent = parent_of(&manager, parent.as_deref())?;
    let dialog = dialogs(&manager)?;
    let show = move |answer: AnswerCallback<bool>| {
        let mut builder: MessageDialogBuilder<Wry> =
            dialog.message(message).kind(kind).buttons(buttons);
        if let Some(title) = title {
            builder = builder.title(title);
        }
        if let Some(parent) = &parent {
            builder = builder.parent(parent);
        }
        builder.show(answer);
    };
    match handler {
        None => question::wait(py, &manager.app, show).map(Some),
        Some(handler) => {
            let answer = question::to_handler(handler)?;
            gil::detach(py, || show(answer));
            Ok(None)
        }
    }
}

/// What the user has picked.
#[derive(IntoPyObject)]
enum Picked {
    One(Option<PathBuf>),
    Many(Option<Vec<PathBuf>>),
}

impl Picked {
    fn one(path: Option<FilePath>) -> Self {
        Self::One(path.and_then(|it| it.into_path().ok()))
    }

    fn many(paths: Option<Vec<FilePath>>) -> Self {
        Self::Many(paths.map(|paths| {
            let paths = paths.into_iter();
            paths.filter_map(|it| it.into_path().ok()).collect()
        }))
    }
}

/// Lets the user pick files or folders. What was picked goes to `handler`; with `None` this waits
/// for it.
#[pyfunction]
#[pyo3(signature = (
    manager, what, handler, /, *, filters, directory=None, file_name=None, title=None,
    can_create_directories=None, parent=None
))]
#[allow(clippy::too_many_arguments)] // the keywords of Python
fn pick_path(
    manager: &Bound<'_, PyAny>,
    what: &str,
    handler: Option<&Bound<'_, PyAny>>,
    filters: Vec<(String, Vec<String>)>,
    directory: Option<PathBuf>,
    file_name: Option<String>,
    title: Option<String>,
    can_create_directories: Option<bool>,
    parent: Option<PyRef<'_, WebviewWindow>>,
) -> PyResult<Option<Picked>> {
    let py = manager.py();
    let pick: fn(FileDialogBuilder<Wry>, AnswerCallback<Picked>) = match what {
        "file" => |it, answer| it.pick_file(|path| answer(Picked::one(path))),
        "files" => |it, answer| it.pick_files(|paths| answer(Picked::many(paths))),
        "folder" => |it, answer| it.pick_folder(|path| answer(Picked::one(path))),
        "folders" => |it, answer| it.pick_folders(|paths| answer(Picked::many(paths))),
        "save" => |it, answer| it.save_file(|path| answer(Picked::one(path))),
        _ => return Err(PyValueError::new_err(format!("nothing to pick: {what:?}"))),
    };
    for (name, endings) in &filters {
        check_text("add_filter", name)?;
        endings
            .iter()
            .try_for_each(|it| check_text("add_filter", it))?;
    }
    directory
        .iter()
        .try_for_each(|it| check_text("set_directory", it))?;
    file_name
        .iter()
        .try_for_each(|it| check_text("set_file_name", it))?;
    title
        .iter()
        .try_for_each(|it| check_text("set_title", it))?;
    let manager = AnyManager::of(manager)?;
    let parent = parent_of(&manager, parent.as_deref())?;
    let dialog = dialogs(&manager)?;
    let show = move |answer: AnswerCallback<Picked>| {
        let mut builder = dialog.file();
        for (name, endings) in &filters {
            let endings: Vec<_> = endings.iter().map(String::as_str).collect();
            builder = builder.add_filter(name, &endings);
        }
        if let Some(directory) = directory {
            builder = builder.set_directory(directory);
        }
        if let Some(name) = file_name {
            builder = builder.set_file_name(name);
        }
        if let Some(title) = title {
            builder = builder.set_title(title);
        }
        if let Some(can) = can_create_directories {
            builder = builder.set_can_create_directories(can);
        }
        if let Some(parent) = &parent {
            builder = builder.set_parent(parent);
        }
        pick(builder, answer);
    };
    match handler {
        None => question::wait(py, &manager.app, show).map(Some),
        Some(handler) => {
            let answer = question::to_handler(handler)?;
            gil::detach(py, || show(answer));
            Ok(None)
        }
    }
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(show_message, module)?)?;
    module.add_function(wrap_pyfunction!(pick_path, module)?)
}
