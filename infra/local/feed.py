"""The feed that `make local` reads, known to be named before anything is started."""

from ingestor.settings import IngestorSettings
from market.settings import load


def require() -> IngestorSettings:
    """The ingestor's settings, or the end of the process with one line per variable that is missing or wrong."""
    return load(IngestorSettings)
