import sys

from zoo.cli import main

main(["card", *sys.argv[1:]])
