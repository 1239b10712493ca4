"""Runs commands on a Ray cluster. Only a gateway, a process of a pool, imports Ray; no app does.

```text
app ──link──▶ gateway ──task of Ray──▶ worker of Ray
                 ▲  ▼                   │ ▲
                 └──── relay, an actor ─┘─┘
```

A call is one task, or one call of an actor that is kept for its key. Its body goes with the task,
and its answer is what the task returns. All that crosses meanwhile, in the frames of a worker's
link, goes through the relay: progress, items, messages and events to the page; cancels and credit
to the call.

| file | job |
| --- | --- |
| `connection` | the process between the app and Ray: keeps it connected |
| `gateway` | submits calls, and passes their frames on |
| `submitted` | what the gateway knows of a call |
| `driver` | starts a Ray of its own or connects to a cluster, and prepares what is submitted |
| `endpoint` | where the cluster of an address is, and whether something answers there |
| `shipping` | the code that nodes of a cluster need |
| `kept` | processes that are kept for calls of one key |
| `status` | what the app is told of the cluster |
| `losses` | says in coded errors what Ray says of a call that it has lost |
| `entry` | the function that Ray runs, before anything of this package is imported there |
| `relay` | the actor that passes frames between the gateway and running calls |
| `remote` | runs calls in a process of Ray |
| `outlet` | what a running call sends, and what it hears |
"""
