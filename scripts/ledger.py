import sys

from zoo.cli import main

main(["ledger", *sys.argv[1:]])
