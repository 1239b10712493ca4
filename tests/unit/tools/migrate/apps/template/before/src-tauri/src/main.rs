use std::{convert::Infallible, env, error::Error, path::PathBuf};

use board_lib::ext_mod;
use pyo3::wrap_pymodule;
use pytauri::standalone::{PythonInterpreterBuilder, PythonInterpreterEnv, PythonScript};

fn main() -> Result<Infallible, Box<dyn Error>> {
    let env = PythonInterpreterEnv::Venv(PathBuf::from(env::var("VIRTUAL_ENV")?).into());
    let script = PythonScript::Module("board".into());
    let module = |py: ::pytauri::pyo3::Python<'_>| wrap_pymodule!(ext_mod)(py);
    let interpreter = PythonInterpreterBuilder::new(env, script, module).build()?;
    std::process::exit(interpreter.run());
}
