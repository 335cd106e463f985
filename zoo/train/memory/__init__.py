"""What a run takes of the memory, told before it begins."""
