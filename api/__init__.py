"""The HTTP service over gapshot: parse, call, return. Nothing here decides anything about comments."""
