"""What to do about the findings of Bandit that Django projects meet most, in a few words."""

from __future__ import annotations

ADVICE = {
    "B101": "Raise an exception: assertions vanish under python -O.",
    "B102": "Call a function instead of executing text.",
    "B105": "Read the secret from the environment and change it: it is in the history.",
    "B106": "Read the secret from the environment and change it: it is in the history.",
    "B107": "Make the argument required; a default secret is used by somebody.",
    "B108": "Use tempfile; a fixed path in a shared folder can be taken by others.",
    "B110": "Name the exception that is expected, and log the others.",
    "B112": "Name the exception that is expected, and log the others.",
    "B113": "Give the request a timeout.",
    "B201": "Switch debug off in anything that is served.",
    "B301": "Use JSON: loading a pickle executes what it holds.",
    "B307": "Use ast.literal_eval or a table of functions.",
    "B308": "Escape the value with format_html instead of marking it as safe.",
    "B311": "Use secrets where the number protects something.",
    "B324": "Use SHA-256, or pass usedforsecurity=False where it protects nothing.",
    "B501": "Leave certificate checks on.",
    "B506": "Use yaml.safe_load.",
    "B602": "Pass a list of arguments and leave shell out.",
    "B603": "Check that no part of the command comes from a request.",
    "B604": "Pass a list of arguments and leave shell out.",
    "B605": "Use subprocess.run with a list of arguments.",
    "B607": "Name the program by its full path, or trust PATH deliberately.",
    "B608": "Pass values as query parameters; quote identifiers with the driver's own function.",
    "B610": "Use annotations and expressions instead of extra().",
    "B611": "Use the ORM, or pass parameters to RawSQL.",
    "B703": "Escape the value with format_html instead of marking it as safe.",
}


def advise(test: str, name: str) -> str:
    """Return what to do about a finding of that test, or where Bandit explains it."""
    return ADVICE.get(test, f"Read Bandit's own page on {test} ({name.replace('_', ' ')}).")
