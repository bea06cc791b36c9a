"""What is inside a TFLite file, and which chips and runtimes can run it."""
