from .. import part
