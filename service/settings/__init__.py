"""What can be set, from where, and what it means.

Each setting is a flag of `python -m service serve` and an environment variable: `--ping-interval` is
`TAPEWIRE_PING_INTERVAL`. A flag wins over the environment, the environment over the default.
"""

from service.settings.part import ENVIRONMENT_PREFIX
from service.settings.whole import Settings

__all__ = ["ENVIRONMENT_PREFIX", "Settings"]
