"""Measuring on this machine: the stages of the loop, and how many faces are found."""
