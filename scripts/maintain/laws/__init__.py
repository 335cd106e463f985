"""The study of laws: what a net beside a law finds, closures by seed, and energies."""
