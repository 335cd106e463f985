"""A run as a value and as a folder: prepared, written, gone on with, read again."""
