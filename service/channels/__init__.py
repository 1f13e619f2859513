"""What the service does about each channel's requests: the generated handlers, filled in."""
