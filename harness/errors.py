"""Everything that the harness says when it cannot go on.

HarnessError                      4  the harness itself failed
|- UsageError                     2  the command line asks for something that does not exist
|- ConfigurationError             2  a key of a TOML file is wrong
|- DatabaseError                  2  a database server cannot be provisioned or reached
|- ReleaseError                   4  a release's interpreter did not start, or broke off
|  `- AgentError                  4  a procedure of the agent raised
|- ProbeError                     4  a probe could not measure
`- Interrupted                  130  somebody pressed Ctrl-C
"""

from __future__ import annotations


class HarnessError(Exception):
    """The base of all errors: the message is one sentence that names the culprit and the remedy."""

    exit_code = 4


class UsageError(HarnessError):
    """Raised when the command line names something that does not exist."""

    exit_code = 2


class ConfigurationError(HarnessError):
    """Raised when a configuration file has an unknown key, a wrong type or a contradiction."""

    exit_code = 2


class DatabaseError(HarnessError):
    """Raised when a database server cannot be provisioned or reached."""

    exit_code = 2


class ReleaseError(HarnessError):
    """Raised when a release does not start or ends unexpectedly."""


class AgentError(ReleaseError):
    """Raised when a procedure inside a release's interpreter fails.

    `kind` is the exception's class name there, `trace` its traceback (for the log, never for the report).
    """

    def __init__(self, message: str, *, kind: str = "", trace: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.trace = trace


class ProbeError(HarnessError):
    """Raised when a probe cannot measure what it was asked to."""


class Interrupted(HarnessError):
    """Raised when the run was interrupted; everything it started is stopped and everything it created is dropped."""

    exit_code = 130
