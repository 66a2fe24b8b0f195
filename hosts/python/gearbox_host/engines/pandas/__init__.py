"""pandas: operators over DataFrames (execute.py), expressions natively or by kernel (scalars.py)."""
from .engine import PandasEngine as Engine

__all__ = ['Engine']
