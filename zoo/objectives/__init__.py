"""What is minimised and how a step follows from it: losses, updates, and what of a model trains."""

from . import derivatives, losses, parameters, updates

__all__ = ["derivatives", "losses", "parameters", "updates"]
