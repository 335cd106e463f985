"""A user's own files: csv tables and npz arrays, read, checked and told about."""
