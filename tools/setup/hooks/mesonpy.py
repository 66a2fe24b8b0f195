from _download_only import *  # noqa: F401,F403
