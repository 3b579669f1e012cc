"""The web application. It serves pages and sockets and never imports TensorFlow."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("neural-playground")
except PackageNotFoundError:  # run from a checkout that was never installed
    __version__ = "0.0.0"
