import sys

from zoo.cli import main

main(["sweep", *sys.argv[1:]])
