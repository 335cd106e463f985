"""Points of the plane drawn from densities that papers on flows show, with the true one if known.

The shapes are those of `toy_data.py` of FFJORD (Grathwohl, Chen, Bettencourt, Sutskever & Duvenaud
2019), each point drawn independently of the others.
"""

from . import checkerboard, eight_gaussians, pinwheel, rings

__all__ = ["checkerboard", "eight_gaussians", "pinwheel", "rings"]
