"""`python -m zoo COMMAND`: the same as the installed command `zoo`."""

from .cli import main

main()
