# Generated from spec/asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""Real-time market data, and one's own accounts, over one WebSocket.

A connection carries any number of topics. A client asks for a topic, is answered once, and from then on
receives that topic's updates until it unsubscribes or leaves. Nothing is sent before the client's first
request, and readers ignore fields they do not know.

Nothing is missed in silence. The updates of a topic are numbered (`seq`) within the life of its history
(`epoch`). A client that comes back names the last position it has (`recover`), and is sent what followed, or
is told that this cannot be done (`recovered: false`).

What concerns somebody's account is for those whose token names the account. Money and quantities of accounts
are decimal strings, market data are numbers.
"""
