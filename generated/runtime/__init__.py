"""What the generated code needs whatever the document says; copied, not generated.

Nothing here knows a message by name. `errors` tells what can go wrong; `codec` turns models into frames and
back; `envelope` and `topic` are for both sides; `dispatch`, `connection`, `serve` and `publication` are the
server's; the others are the client's.
"""
