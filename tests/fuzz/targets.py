"""Every reader that is fuzzed, by name."""

from fuzz import desktop, device

__all__ = ["TARGETS"]

TARGETS = {target.name: target for target in (*device.TARGETS, *desktop.TARGETS)}
