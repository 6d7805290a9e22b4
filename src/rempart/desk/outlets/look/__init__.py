"""One look at an address: is it still there? Status and redirects only; not one byte of a body is kept."""

from rempart.desk.outlets.look.outlet import Looked, look
from rempart.desk.outlets.look.spacing import Spacing

__all__ = ["Looked", "Spacing", "look"]
