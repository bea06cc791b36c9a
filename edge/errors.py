"""The one error meant for people: what happened, where, and what to do."""

__all__ = ["Problem"]


class Problem(Exception):
    """Something a person can mend. The command line prints it as it is, without a traceback.

    Write the message as sentences: what happened, where, what to do next.
    """
