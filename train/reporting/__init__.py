"""What a person reads about runs: one self-contained page."""
