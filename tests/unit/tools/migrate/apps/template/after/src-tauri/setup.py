from setuptools import setup
from setuptools_rust import RustExtension

setup(
    rust_extensions=[RustExtension(target="board.ext_mod", features=["pyo3/extension-module"])],
    entry_points={"transom": ["ext_mod = board.ext_mod"]},
    install_requires=["transom>=0.1.0,<0.2"],
)
