"""Studies of densities: how many planted outliers are found."""
