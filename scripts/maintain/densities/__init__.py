"""Studies of densities: flows by likelihood and by matching, and how many outliers are found."""
