"""The commands of the app."""

from transom import Commands

commands = Commands()
