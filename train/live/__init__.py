"""A network's answers about whoever sits before their own camera, on a page of this machine. Not for a class."""

from __future__ import annotations

from train.live.watch import live

__all__ = ["live"]
