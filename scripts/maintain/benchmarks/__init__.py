"""Side by side: the engine, its peers, and the floor under them all. See `benchmark.py`."""
