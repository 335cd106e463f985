"""What commands take that read a user's rows and write them again."""

import dataclasses
from typing import Annotated

import tyro

from ..datasets import Preparation
from ..datasets.files.table import Delimiter, Header
from .path_names import IsPath
from .prediction_files import Rows, read_rows


@dataclasses.dataclass(kw_only=True)
class ReadsRows:
    """Base of the options of such a command, which says what `input` and `output` are."""

    input: Annotated[str | None, IsPath()]
    output: Annotated[str, IsPath()]
    overwrite: Annotated[bool, tyro.conf.arg(help="replace an output that is there")] = False
    header: Annotated[
        Header,
        tyro.conf.arg(metavar="auto|yes|no", help="whether line 1 of the input is names"),
    ] = "auto"
    delimiter: Annotated[
        Delimiter,
        tyro.conf.arg(metavar="CHARACTER", help="between the input's cells: , ; tab or |"),
    ] = "auto"
    encoding: Annotated[
        str, tyro.conf.arg(metavar="NAME", help="of the input, such as latin-1")
    ] = "utf-8"

    def read(self, preprocessing: Preparation) -> Rows:
        """The rows of the input. Raises what `read_rows` does."""
        assert self.input is not None, "a command that may have no input asks for it first"
        return read_rows(
            self.input,
            preprocessing,
            header=self.header,
            delimiter=self.delimiter,
            encoding=self.encoding,
        )
