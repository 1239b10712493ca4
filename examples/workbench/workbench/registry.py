"""Holds the one registry of commands; the modules of ``workbench.commands`` fill it."""

from transom import Commands

commands = Commands()
