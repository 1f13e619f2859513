"""For whoever is on call: numbers, health, and who is doing what, read from objects that know nothing of it.

`sources` is what all of them look at; `families` makes Prometheus metrics of it, `status` a view of topics and
clients, `health` a verdict. `admin` serves them apart from the public port, `peers` asks the other workers.
"""
