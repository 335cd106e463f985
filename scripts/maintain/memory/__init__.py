"""Studies of memory and precision, each with its result kept beside it as JSON."""
