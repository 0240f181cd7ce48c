"""The engine: claims rows, sends them, writes back what became of them."""

from notifications.engine.drain import drain
from notifications.engine.sweeping import sweep

__all__ = ["drain", "sweep"]
