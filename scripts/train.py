import sys

from zoo.cli import main

main(["train", *sys.argv[1:]])
