"""Takes away the findings that reviewers accepted: as many of each kind as they accepted, and not one more."""

from __future__ import annotations

from collections import Counter

import msgspec

from harness.probes.security.command import Issue


class Split(msgspec.Struct, frozen=True):
    """The findings that are new, those that are accepted, and how many accepted ones are no longer there."""

    new: list[Issue]
    accepted: list[Issue]
    gone: int


def split(found: list[Issue], baseline: list[Issue]) -> Split:
    """Split `found` by a baseline; equal findings (same file, test and code) are counted, so a second one is new."""
    left = Counter(issue.key for issue in baseline)
    new, accepted = [], []
    for issue in found:
        if left[issue.key] > 0:
            left[issue.key] -= 1
            accepted.append(issue)
        else:
            new.append(issue)
    return Split(new, accepted, left.total())
