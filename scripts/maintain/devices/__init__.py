"""Several devices and processes: how a step scales, and a process that is killed."""
