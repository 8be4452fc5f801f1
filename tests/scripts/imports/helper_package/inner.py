def function():
    return "function of " + __name__


def other():
    from . import CONSTANT
    return CONSTANT
