"""What can go wrong, as one tree. Knows the kinds of fault; does not know HTTP codes or exit codes.

    GapshotError
    ├── SettingsError        an environment variable or option that cannot be used
    ├── TaxonomyError        a taxonomy file that cannot be used: file, line and reason
    ├── BundleError          a bundle that is missing, damaged, or made for another taxonomy
    ├── TableError           a file of comments that cannot be read or written as a whole
    ├── MissingExtraError    a command whose optional packages are not installed
    └── CommentError         a fault of one comment, with a stable code; its neighbours are unharmed

Messages name the field, file or row and what to do about it. They never repeat a customer's text.
"""


class GapshotError(Exception):
    """Root of every error gapshot raises on purpose."""


class SettingsError(GapshotError):
    """An environment variable or option that cannot be used."""


class TaxonomyError(GapshotError):
    """A taxonomy file that cannot be used."""


class BundleError(GapshotError):
    """A bundle that is missing, damaged, or made for another taxonomy."""


class TableError(GapshotError):
    """A file of comments that cannot be read or written as a whole."""


class MissingExtraError(GapshotError):
    """A command whose optional packages are not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs the extra '{extra}'; in the folder of gapshot: pip install -e '.[{extra}]'")


class CommentError(GapshotError):
    """A fault of one comment.

    `code` is stable and machine-readable (`text_not_string`, `text_too_long`, …); the message is for people.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
