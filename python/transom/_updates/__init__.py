"""Signs, publishes, finds and installs new versions of apps. `transom.updates` is what apps import.

| file | job |
| --- | --- |
| `keys`, `signatures` | keys and signatures, in the formats of minisign and Tauri |
| `versions`, `targets` | which version is newer, and which system a file is for |
| `project` | what an app's configuration says about updates |
| `manifest`, `publishing`, `changes`, `files` | the folder that a web server gives out |
| `client` | what an app asks of that server, and how it installs what it gets |
"""
