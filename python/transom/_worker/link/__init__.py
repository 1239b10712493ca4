"""Exchanges frames with the host.

| file | job |
| --- | --- |
| `frames` | frames between host and worker |
| `memory` | large bodies of frames, in shared memory |
| `texts` | finds JSON that JavaScript could not parse |
"""
