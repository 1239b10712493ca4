"""Builds what a user installs: the app, its packages and its interpreter, by `transom build`.

| file | job |
| --- | --- |
| `project` | what is to be built: the app's folder, its configuration and `[tool.transom]` |
| `tables` | reads the configuration files, in any of their spellings |
| `sources` | copies the app's own files |
| `packages` | finds the installed packages that the app needs, and copies them |
| `interpreter` | copies the running interpreter and makes it relocatable |
| `launcher` | how the app is started |
| `compiling` | compiles all Python files |
| `licences` | collects the licences of all of these |
| `binaries` | what programs and libraries ask of the system |
| `desktop` | the desktop entry, icons, MIME types and AppStream data |
| `payload` | puts these together in one folder |
| `formats` | one writer for each kind of file |
| `build` | the whole way, from a folder to finished files |
"""
