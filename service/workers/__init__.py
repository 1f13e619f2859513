"""Several processes that serve on one address, and the one that looks after them."""
