"""What `train` leaves on a disk: files that are whole or not there."""
