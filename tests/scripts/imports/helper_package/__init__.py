from .inner import function
from . import inner

CONSTANT = "constant"
print("helper_package runs once")
