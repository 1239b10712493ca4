from setuptools import setup
from setuptools_rust import RustExtension

setup(
    rust_extensions=[RustExtension(target="board.ext_mod", features=["pyo3/extension-module"])],
    entry_points={"pytauri": ["ext_mod = board.ext_mod"]},
    install_requires=["pytauri==0.8.*"],
)
