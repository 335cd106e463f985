"""The route through `diffrax.diffeqsolve`: implicit methods, and Diffrax's own adjoints."""
