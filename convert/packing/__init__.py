"""What goes to a device: bundles with their cards, keys and notices, and the Jetson's files."""
