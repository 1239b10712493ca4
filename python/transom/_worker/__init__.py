"""Runs inside a worker process, in pure Python that never loads the native half of the package.

| file | job |
| --- | --- |
| `boot` | runs first: the session, the link, and the replacement of the native half |
| `zygote` | the process that forks workers (Linux) |
| `preload` | imports modules before workers are forked, and gives each its threads |
| `reseed` | seeds random number generators anew after a fork |
| `native` | replaces the native half |
| `link` | frames between host and worker |
| `logs` | sends the worker's log records to the host |
| `memory` | large bodies of frames, in shared memory |
| `call` | one call, with the interface of the native `Call` |
| `landing` | delays a cancel by one step after a jump |
| `family` | finds and ends the processes that a call has started |
| `credit` | counts what may be in transit to a page |
| `outflow` | the items of a stream, within that credit |
| `channels` | events, and messages to channels of the page, within that credit |
| `load` | imports the app's modules and finds its commands |
| `serve` | takes calls, and runs plain ones on the main thread |
| `tasks` | the event loop of `async def` commands |
"""
