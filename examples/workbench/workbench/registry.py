"""The one table of commands; the modules of ``workbench.commands`` fill it."""

from transom import Commands

commands = Commands()
