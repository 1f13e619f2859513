"""A made-up market: trades, bars, order books and quotes that agree with each other, from a seed alone."""
