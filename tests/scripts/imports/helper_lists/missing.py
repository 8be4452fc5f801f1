__all__ = ("here", "missing")
here = 1
