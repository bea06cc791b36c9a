"""Where a network looks, and how much of that is face."""
