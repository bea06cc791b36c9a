"""What distance, light, lens, sensor and codec do to a face: once, for training and for measuring."""
