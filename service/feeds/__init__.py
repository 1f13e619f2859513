"""Where bars come from: a simulated market, or a file."""
