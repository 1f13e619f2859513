"""What a bar is: spans of time, and prices folded into them."""
