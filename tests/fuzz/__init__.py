"""What a client can send, at random and by the million, against the real service."""
