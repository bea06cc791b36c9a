"""What a data set hides: leaks, twins, conflicts, recordings, and what its format gives away."""
