"""Data sets: named arrays, their sizes, and the tasks that they can serve."""

from . import densities, images, physics, series, toy
from .base import Dataset, make_dataset
from .files import csv_file, csv_series, npz_file, npz_series, parquet_file, tabular
from .kept_split import count_of, rows_of
from .load import load_dataset
from .preparation import Preparation, preprocessing_of
from .raw import RawData
from .scale import Scale
from .series import make_series, series_data
from .spec import Spec
from .stream.source import RowSource
from .stream.split import StreamedSplit

__all__ = [
    "Dataset",
    "Preparation",
    "RawData",
    "RowSource",
    "Scale",
    "Spec",
    "StreamedSplit",
    "count_of",
    "csv_file",
    "csv_series",
    "densities",
    "images",
    "load_dataset",
    "make_dataset",
    "make_series",
    "npz_file",
    "npz_series",
    "parquet_file",
    "physics",
    "preprocessing_of",
    "rows_of",
    "series",
    "series_data",
    "tabular",
    "toy",
]
