"""The servers that are compared: a process each, with the same command line and the same orders.

They run in an environment of their own, so nothing here may import the rest of the project (except for
`tapewire`, which is the project).
"""
