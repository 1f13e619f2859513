"""A live view of a running service in the terminal: `python -m service top`."""
