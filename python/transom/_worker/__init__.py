"""The inside of a worker process: pure Python, which never loads the native half of the package.

| file | job |
| --- | --- |
| `boot` | runs first: the session, the link, and the stand-in for the native half |
| `zygote` | the process that forks workers (Linux) |
| `preload` | what it imports for them, and in each of them its threads |
| `reseed` | the random numbers of what it has imported |
| `native` | the stand-in |
| `link` | frames between host and worker |
| `logs` | the worker's log records, which are the host's |
| `memory` | large bodies of frames, in shared memory |
| `call` | one call, as the native `Call` |
| `landing` | the step after a jump, where a cancel comes out |
| `family` | the processes that a call has started |
| `credit` | what may be on its way to a page |
| `outflow` | the items of a stream, within that credit |
| `channels` | events, and messages to channels of the page, within that credit |
| `load` | imports the app's modules and finds its commands |
| `serve` | takes calls, and runs plain ones on the main thread |
| `tasks` | the event loop of `async def` commands |
"""
