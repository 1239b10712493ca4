"""Makes worker processes by forking, and ends what they have started.

| file | job |
| --- | --- |
| `zygote` | the process that forks workers (Linux) |
| `relay` | forks another zygote when `transom dev` has replaced code |
| `preload` | imports modules before workers are forked, and gives each its threads |
| `reseed` | seeds random number generators anew after a fork |
| `family` | finds and ends the processes that a call has started |
"""
