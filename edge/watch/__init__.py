"""A room, or many, in a terminal: what the page shows, in text, for those who come over SSH."""

from edge.watch.screen import watch

__all__ = ["watch"]
