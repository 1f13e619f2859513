"""Two nodes on one Valkey, all of which fail, and clients that go from one node to the other.

`terms` says what is checked; `plan` decides by the seed who follows what and what fails when; `publishing` is a
process that publishes numbered updates and writes down each; `machines` are the processes, `ways` the clients' ways to
whichever node lives; `clients` follow, `spies` try to read what is not theirs; `run` puts them together. `record` is
what was written down, `judge` compares.
"""
