"""Implements the calls of a worker, and what they send to their pages.

| file | job |
| --- | --- |
| `worker_call` | one call, with the interface of the native `Call` |
| `landing` | delays a cancel by one step after a jump |
| `credit` | counts what may be in transit to a page |
| `outflow` | the items of a stream, within that credit |
| `channels` | events, and messages to channels of the page, within that credit |
"""
