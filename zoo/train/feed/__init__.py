"""Which examples each step sees, and how they come to the devices."""
