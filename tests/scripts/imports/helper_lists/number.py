__all__ = ["here", 1]
here = 1
