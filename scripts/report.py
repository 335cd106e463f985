import sys

from zoo.cli import main

main(["report", *sys.argv[1:]])
