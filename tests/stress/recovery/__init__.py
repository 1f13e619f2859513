"""Clients whose connections are cut at random, thousands of times; what they end with is compared with what was sent.

`terms` says what is checked; `server` is the server's process, with a recorder of everything that it publishes;
`clients.py` and `clients.ts` are processes of generated clients that write down what they are given; `lines` are the
networks between, and what becomes of them; `run` puts them together. `truth` and `record` read what was written,
`walk`, `charts` and `judge` compare it.
"""
