"""Polars: a plan becomes lazy frames that run on its streaming engine.

Start at build.py (operators), native.py (expressions that Polars answers as the contract says) and
columns.py (how each type is held). Everything else goes to the kernels, as text.
"""
from .engine import Engine

__all__ = ['Engine']
