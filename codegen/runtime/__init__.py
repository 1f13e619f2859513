"""Run-time code that is copied into the output: see `python/` and `typescript/`."""
