"""How fast updates reach many clients, beside other servers: `python -m tests.bench --help`."""
