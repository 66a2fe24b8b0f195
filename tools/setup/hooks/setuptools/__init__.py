"""See _download_only.py."""
