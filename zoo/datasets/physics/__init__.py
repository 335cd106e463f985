"""Motions from known equations of physics, one file a data set."""

from . import fields

__all__ = ["fields"]
