import helper_circular_a

print("b sees", hasattr(helper_circular_a, "value"))


def read():
    return helper_circular_a.value
