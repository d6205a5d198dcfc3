"""Who works at the command line."""

from __future__ import annotations

import os
from getpass import getuser


def operating_system_user() -> str:
    """The user of the operating system. Environment variables, which anybody can set, are not asked where the system knows."""
    try:
        import pwd  # not every system has it
    except ImportError:
        return getuser()
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # containers run under numbers that have no name
        return f"uid-{os.getuid()}"
