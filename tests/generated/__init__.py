"""What the generated Python does."""
