import sys

from zoo.cli import main

main(["evaluate", *sys.argv[1:]])
