def name() -> str:
    return "one"
