"""What the pages do in a real browser."""
