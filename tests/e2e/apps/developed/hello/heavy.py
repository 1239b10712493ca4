from . import kernel
from .registry import commands


@commands.command(executor="process")
def work() -> str:
    return kernel.name()
