import helper_circular_b

value = "a"


def other():
    return helper_circular_b.read()
