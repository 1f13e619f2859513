"""One suite of behaviours for all generated clients, against a server that misbehaves and against the service."""
