"""Real series that come with the package, one file a data set; files/SOURCES.md tells of each."""

from . import basic_motions, co2, japanese_vowels, pelts, sunspots

__all__ = ["basic_motions", "co2", "japanese_vowels", "pelts", "sunspots"]
