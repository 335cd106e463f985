"""Data sets of images: what is downloaded, and a folder of one's own."""

from . import fashion_mnist, image_folder, mnist

__all__ = ["fashion_mnist", "image_folder", "mnist"]
