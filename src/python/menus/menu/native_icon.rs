//! Defines the Python enum `NativeIcon`: icons that macOS has.

use pyo3::prelude::*;

use crate::python::convert::enum_mirror::{Mirror as _, mirror};

mirror!(
    /// An icon that macOS has; elsewhere it shows nothing.
    "transom.menu",
    NativeIcon => tauri::menu::NativeIcon {
        Add, Advanced, Bluetooth, Bookmarks, Caution, ColorPanel, ColumnView, Computer,
        EnterFullScreen, Everyone, ExitFullScreen, FlowView, Folder, FolderBurnable, FolderSmart,
        FollowLinkFreestanding, FontPanel, GoLeft, GoRight, Home, IChatTheater, IconView, Info,
        InvalidDataFreestanding, LeftFacingTriangle, ListView, LockLocked, LockUnlocked,
        MenuMixedState, MenuOnState, MobileMe, MultipleDocuments, Network, Path,
        PreferencesGeneral, QuickLook, RefreshFreestanding, Refresh, Remove, RevealFreestanding,
        RightFacingTriangle, Share, Slideshow, SmartBadge, StatusAvailable, StatusNone,
        StatusPartiallyAvailable, StatusUnavailable, StopProgressFreestanding, StopProgress,
        TrashEmpty, TrashFull, User, UserAccounts, UserGroup, UserGuest,
    }
);

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    NativeIcon::register(module)
}
