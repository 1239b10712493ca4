"""Runs commands on a Ray cluster. Only a gateway, a process of a pool, imports Ray; no app does.

```text
app ──link──▶ gateway ──task of Ray──▶ worker of Ray
                 ▲  ▼                   │ ▲
                 └──── relay, an actor ─┘─┘
```

A call is one task. Its body goes with the task, and its answer is what the task returns. All that
crosses meanwhile, in the frames of a worker's link, goes through the relay: progress, items,
messages and events to the page; cancels and credit to the call.

| file | job |
| --- | --- |
| `gateway` | the process between the app and Ray: submits calls, and passes their frames on |
| `driver` | starts a Ray of its own, and prepares what is submitted |
| `losses` | says in coded errors what Ray says of a call that it has lost |
| `entry` | the function that Ray runs, before anything of this package is imported there |
| `relay` | the actor that passes frames between the gateway and running calls |
| `remote` | runs calls in a process of Ray |
| `outlet` | what a running call sends, and what it hears |
"""
