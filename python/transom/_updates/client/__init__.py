"""What an app does about new versions of itself.

| file | job |
| --- | --- |
| `requests` | asks a server, by https alone |
| `update` | looks for a newer version, downloads it, verifies it |
| `installing` | puts it in the place of the old one |
| `starting` | starts it, and the old one again if it fails |
"""
