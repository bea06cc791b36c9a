"""One file a command of `train`: its options, and what it prints; and the options that commands share."""
