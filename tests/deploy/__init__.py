"""What deployments are made of, read and run as far as a machine without them allows."""
