"""Data sets: named arrays, their sizes, and the tasks that they can serve."""

from . import tabular, toy
from .base import Dataset, RawData, Scale, make_dataset
from .load import load_dataset

__all__ = ["Dataset", "RawData", "Scale", "load_dataset", "make_dataset", "tabular", "toy"]
