import sys

from _download_only import *  # noqa: F401,F403

__legacy__ = sys.modules[__name__]
