"""Test app: has no commands; written for PyTauri's API."""

from pathlib import Path

from pytauri_wheel.lib import builder_factory, context_factory

if __name__ == "__main__":
    context = context_factory(Path(__file__).parent)
    builder_factory().build(context=context, invoke_handler=None).run_return()
