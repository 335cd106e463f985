import sys

from zoo.cli import main

main(["compare", *sys.argv[1:]])
