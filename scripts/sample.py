import sys

from zoo.cli import main

main(["sample", *sys.argv[1:]])
