//! Makes the program find Python, and Python's extension modules find the program.

fn main() {
    tauri_build::build();
    let python = pyo3_build_config::get();
    if python.shared() {
        pyo3_build_config::add_libpython_rpath_link_args();
        pyo3_build_config::add_python_framework_link_args();
    } else if std::env::var_os("CARGO_CFG_UNIX").is_some() {
        // Python is inside the program: extension modules look for it there.
        println!("cargo:rustc-link-arg-bins=-rdynamic");
    }
}
