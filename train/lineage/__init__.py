"""What a network and all that it learned from have seen, and whether other data are strangers to them."""
