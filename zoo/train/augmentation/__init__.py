"""What becomes of a batch on the device before a model sees it."""
