value = "lazily loaded"
