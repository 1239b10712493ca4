"""Runs inside a worker process, in pure Python that never loads the native half of the package.

| file or folder | job |
| --- | --- |
| `boot` | runs first: the session, the link, and the replacement of the native half |
| `native` | replaces the native half |
| `link` | frames between host and worker |
| `process` | forks workers, and ends what they have started |
| `load` | imports the app's modules and finds its commands |
| `serve` | takes calls, and runs plain ones on the main thread |
| `tasks` | the event loop of `async def` commands |
| `call` | one call, and what it sends to its page |
| `logs` | sends the worker's log records to the host |
"""
