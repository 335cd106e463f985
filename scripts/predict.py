import sys

from zoo.cli import main

main(["predict", *sys.argv[1:]])
