"""The engine: claims rows, sends them, writes back what became of them."""

from notifications.engine.draining import drain
from notifications.engine.sweeping import sweep

__all__ = ["drain", "sweep"]
