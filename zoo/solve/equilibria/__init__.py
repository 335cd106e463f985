"""Fixed points z = f(z, x) of a batch, with gradients by the implicit function theorem."""

from .find import fixed_point

__all__ = ["fixed_point"]
