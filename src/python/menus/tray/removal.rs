//! Removes tray icons, and on Linux frees what their crate would keep of them.

use tauri::{Wry, tray::TrayIcon};

/// Removes the icon with this id from the tray. `false`: there is none. For the UI thread.
pub(super) fn remove(app: &tauri::AppHandle<Wry>, id: &str) -> bool {
    app.remove_tray_by_id(id).map(let_go).is_some()
}

#[cfg(not(target_os = "linux"))]
fn let_go(tray: TrayIcon<Wry>) {
    drop(tray);
}

/// Drops the icon, and with its last owner the object that shows it.
///
/// The crate under Tauri hides that object and never frees it. It would go on answering on the bus
/// in the name of the icon, so that another icon with this id could not be seen.
#[cfg(target_os = "linux")]
fn let_go(tray: TrayIcon<Wry>) {
    use std::{cell::Cell, rc::Rc};

    use gtk::glib::{gobject_ffi, prelude::*, subclass::SignalId};

    let Some(indicator) = indicator_of(&tray) else {
        return;
    };
    let Some(new_status) = SignalId::lookup("new-status", indicator.type_()) else {
        return;
    };
    // The last owner hides it. To see that it does, it must be shown.
    if tray.set_visible(true).is_err() {
        return;
    }
    let is_hidden = Rc::new(Cell::new(false));
    let seen = Rc::clone(&is_hidden);
    let watching = indicator.connect_local_id(new_status, None, false, move |_| {
        seen.set(true);
        None
    });
    drop(tray);
    indicator.disconnect(watching);
    if is_hidden.get() {
        #[expect(unsafe_code, reason = "the crate forgets its reference to the object")]
        // SAFETY: nothing but the end of the last owner hides an icon while `tray` is dropped. So
        // nobody uses the pointer any more that the crate's reference went with. `indicator` has
        // a reference of its own.
        unsafe {
            gobject_ffi::g_object_unref(indicator.as_ptr());
        }
    } else if indicator.find_property("status").is_some() {
        // A page or Rust code of the app has it too, and may be long in letting it go.
        indicator.set_property("status", "Passive");
    }
}

/// The object of libappindicator that shows an icon.
#[cfg(target_os = "linux")]
fn indicator_of(tray: &TrayIcon<Wry>) -> Option<gtk::glib::Object> {
    use gtk::glib::{self, gobject_ffi::GObject, translate::from_glib_none};

    /// The address of the object that a wrapper holds, which has no other field.
    fn held_by<T>(wrapper: *const T) -> usize {
        const {
            assert!(size_of::<T>() == size_of::<*mut GObject>());
            assert!(align_of::<T>() == align_of::<*mut GObject>());
        }
        #[expect(unsafe_code, reason = "the crate gives the object to nobody")]
        // SAFETY: the wrapper lives as long as its icon, and a pointer is all that it is.
        unsafe {
            wrapper.cast::<usize>().read()
        }
    }
    let address = tray.with_inner_tray_icon(|icon| {
        #[expect(unsafe_code, reason = "the pointer must not outlive the icon")]
        // SAFETY: it is read before the icon goes.
        held_by(unsafe { icon.app_indicator() })
    });
    let object = address.ok()? as *mut GObject;
    if object.is_null() {
        return None;
    }
    #[expect(unsafe_code, reason = "the crate gives the object to nobody")]
    // SAFETY: it is the object of an icon that lives, and this is the UI thread.
    Some(unsafe { from_glib_none::<_, glib::Object>(object) })
}
