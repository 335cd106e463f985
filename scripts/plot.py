import sys

from zoo.cli import main

main(["plot", *sys.argv[1:]])
