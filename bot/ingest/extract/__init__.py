"""Files to pages, in child processes.

The parent's half is `pool` (and `child_process`, `messages`); the child's half is `sniff`, `readers` and
the readers themselves, composed with chunking in `bot.ingest.child`. The child's half imports lazily and
nothing heavy: a child is ready in about 60 ms.
"""
