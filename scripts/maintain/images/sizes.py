"""`python -m images.sizes`: the width of each contender that makes it as large as the ODE-Net."""

from .contenders import CONTENDERS, blank_images, fitting_width, size


def main() -> None:
    data = blank_images()
    first = CONTENDERS["ODE-Net"]
    wanted = size(first, first.width, data)
    for name, each in CONTENDERS.items():
        width = fitting_width(each, wanted, data)
        found = size(each, width, data)
        print(f"{name}: width {width} (now {each.width}), {found:,} ({found / wanted - 1:+.1%})")


if __name__ == "__main__":
    main()
