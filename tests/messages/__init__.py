"""`python -m tests.messages`: every error message of the zoo, as its reader sees it, in one file.

`cases_*.py` make the zoo raise each of its errors, a file for each room of the package;
`collect.py` runs them, `sites.py` finds the places in the zoo that none of them reaches, and
`document.py` makes MESSAGES.md.
"""
