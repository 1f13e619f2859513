"""A seeded run of hundreds of clients, most of them ill-behaved, that checks what must hold all the same.

`terms` says what is checked and under which settings; `server` is the server's process and `control` the way to
it; `peer` is a WebSocket on a bare socket, `session` a client that checks what it gets; `manners` and `mischief`
are what clients do; `run` puts them together. `recovery` is a run of its own, of well-behaved clients on bad lines.
"""
