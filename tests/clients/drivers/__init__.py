"""What does to a client as it is told, in each language; the commands and events are in `tests.clients.driving`."""
