//! Lets Python make images, and use them as icons.

mod icons;
#[expect(
    clippy::module_inception,
    reason = "the folder is named after the class"
)]
pub(crate) mod image;
