"""The writers: each turns a payload into one file.

| file | kind |
| --- | --- |
| `members` | what is in an archive, in an order and with dates that are the same each time |
| `tar_xz` | a folder to unpack anywhere |
| `deb` | a package of Debian and Ubuntu |
| `appimage` | one file that runs where it is |
| `app`, `dmg` | a program of macOS, and a disk image with it |
| `nsis`, `nsis_script` | an installer for Windows, and the scripts that it is made by |
| `icons` | the icon files of macOS and Windows |
| `signing` | runs the author's command that signs |
"""
