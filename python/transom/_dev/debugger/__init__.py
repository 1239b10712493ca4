"""Brings debugpy into the app and its workers: `transom dev --debug`.

| file | job |
| --- | --- |
| `host` | runs in the app: debugpy listens there, and workers say when they stand still |
| `worker` | runs in each worker process: joins the debugger of its app |
| `breakpoints` | tells when a thread stands at a breakpoint |
| `library` | imports debugpy |

While any thread stands at a breakpoint, the clock of the app's time limits stands still:
`src/sync/clock.rs`.
"""

STOPPED = b"+"
"""Said by a worker when a thread of it stops."""
GOES_ON = b"-"
"""Said by a worker when a thread of it goes on."""
