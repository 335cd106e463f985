import sys

from zoo.cli import main

main(["list", *sys.argv[1:]])
