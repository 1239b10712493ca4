"""The inside of a worker process: pure Python, which never loads the native half of the package.

| file | job |
| --- | --- |
| `boot` | runs first: the session, the link, and the stand-in for the native half |
| `zygote` | the process that forks workers (Linux) |
| `native` | the stand-in |
| `link` | frames between host and worker |
| `memory` | large bodies of frames, in shared memory |
| `call` | one call, as the native `Call` |
| `landing` | where the cancel of a call comes out |
| `credit` | what may be on its way to a page |
| `outflow` | the items of a stream, within that credit |
| `channels` | events, and messages to channels of the page, within that credit |
| `load` | imports the app's modules and finds its commands |
| `serve` | takes calls, and runs plain ones on the main thread |
| `tasks` | the event loop of `async def` commands |
"""
